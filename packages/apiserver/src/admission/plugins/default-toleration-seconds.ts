import type { Pod, Toleration } from '@podling/shared/api';
import type { AdmissionPlugin } from '../admission.ts';

const tolerationSeconds = 300;
const nodeConditionTaints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

function tolerates({ key, effect }: Toleration, taint: string): boolean {
  return (key === taint || !key) && (effect === 'NoExecute' || !effect);
}

/** A pod that says nothing about lost nodes tolerates one for five minutes, as it is written into its spec. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  admit({ operation, resource, subresource, object }) {
    if (operation === 'DELETE' || resource.kind !== 'Pod' || subresource !== '') return;
    const { spec } = object as Pod;
    const present = spec.tolerations ?? [];
    const missing = nodeConditionTaints.filter((taint) => !present.some((toleration) => tolerates(toleration, taint)));
    if (missing.length === 0) return;
    spec.tolerations = [...present, ...missing.map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }))];
  },
};
