import type { Node } from '../node.ts';
import { warnCidr } from './ip.ts';

/** Fields that are kept for old clients only, and ranges that are not written the standard way. */
export function warnOfNode({ spec = {} }: Node): string[] {
  return [
    ...(spec.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec.podCIDRs ?? []).flatMap((cidr, index) => warnCidr(`spec.podCIDRs[${index}]`, cidr)),
  ];
}
