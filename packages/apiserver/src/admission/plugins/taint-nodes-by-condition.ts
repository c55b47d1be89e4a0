import type { Node, Taint } from '@podling/shared/api';
import type { AdmissionPlugin } from '../admission.ts';

const notReady: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/**
 * A new node is not ready until it says so: no pod is placed on it before the node life cycle controller has seen that it
 * is ready and removed the taint.
 */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  admit({ operation, resource, subresource, object }) {
    if (operation !== 'CREATE' || resource.kind !== 'Node' || subresource !== '') return;
    const node = object as Node;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect)) return;
    node.spec = { ...node.spec, taints: [...taints, { ...notReady }] };
  },
};
