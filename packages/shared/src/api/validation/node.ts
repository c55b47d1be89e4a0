import { isIP } from 'node:net';
import type { FieldError } from '../errors.ts';
import { isLabelValue, isQualifiedName } from '../names.ts';
import type { Node, NodeSpec, Taint } from '../node.ts';
import { checkRequired, duplicate, duplicates, eachOf, forbidden, invalid } from './field-errors.ts';
import { validateMeta, validateMetaUpdate } from './object-meta.ts';
import { validateAmount } from './resources.ts';

export function validateNode(node: Node): FieldError[] {
  return [...validateMeta(node.metadata, { namespaced: false }), ...validateContent(node)];
}

export function validateNodeUpdate(next: Node, previous: Node): FieldError[] {
  return [
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...validateContent(next),
    ...validateSpecUpdate(next.spec ?? {}, previous.spec ?? {}),
  ];
}

function validateContent({ spec, status }: Node): FieldError[] {
  const amounts = (name: 'capacity' | 'allocatable') =>
    Object.entries(status?.[name] ?? {}).flatMap(([resource, amount]) => validateAmount(resource, amount, `status.${name}[${resource}]`));
  return [
    ...validateTaints(spec?.taints),
    ...eachOf(spec?.podCIDRs, 'spec.podCIDRs', (cidr, path) => (isCidr(cidr) ? [] : [invalid(path, cidr, CIDR_RULE)])),
    ...amounts('capacity'),
    ...amounts('allocatable'),
  ];
}

const CIDR_RULE = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

function validateTaints(taints: Taint[] | undefined): FieldError[] {
  const path = 'spec.taints';
  return [
    ...eachOf(taints, path, ({ key, value }, at) => [
      ...checkRequired(`${at}.key`, key, isQualifiedName),
      ...validateTaintValue(value ?? '', `${at}.value`),
    ]),
    ...duplicates(taints, ({ key, effect }) => `${key}:${effect}`, (taint, index) =>
      duplicate(`${path}[${index}]`, taint, 'taints must be unique by key and effect pair'),
    ),
  ];
}

function validateTaintValue(value: string, path: string): FieldError[] {
  const reasons = isLabelValue(value);
  return reasons.length > 0 ? [invalid(path, value, reasons.join(';'))] : [];
}

function validateSpecUpdate(next: NodeSpec, previous: NodeSpec): FieldError[] {
  const errors: FieldError[] = [];
  const before = previous.podCIDRs ?? [];
  if (before.length > 0 && before.join() !== (next.podCIDRs ?? []).join()) {
    errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (previous.providerID && previous.providerID !== next.providerID) {
    errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  return errors;
}
