import { tolerates } from '@podling/shared/api';
import type { FilterPlugin } from '../framework.ts';

const refusal = ['node(s) were unschedulable'];
const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;

/** A cordoned node takes only pods that tolerate that. */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  helpfulEvents: ['NodeAdded', 'NodeUnschedulableChanged'],
  filterFor({ pod }) {
    if (pod.spec.tolerations?.some((toleration) => tolerates(toleration, taint))) return undefined;
    return ({ node }) => (node.spec?.unschedulable === true ? refusal : []);
  },
};
