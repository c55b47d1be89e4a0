import { namespaceOf, scaleUp } from '@podling/shared/api';
import type { Pod, PodDisruptionBudgetSpec } from '@podling/shared/api';
import { TerminalError } from '@podling/shared/controller';
import type { OwnerScales } from './owner-scales.ts';

export interface ExpectedPods {
  expectedPods: number;
  desiredHealthy: number;
  /** Names of pods without an owner, which a share cannot count. */
  unmanaged: string[];
}

/** What a budget asks of its pods. A number of pods that must stay counts those there are; anything else what their owners want. */
export async function expectedPodsOf(spec: PodDisruptionBudgetSpec, pods: readonly Pod[], scales: OwnerScales): Promise<ExpectedPods> {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable === undefined && typeof minAvailable === 'number') return { expectedPods: pods.length, desiredHealthy: minAvailable, unmanaged: [] };
  if (maxUnavailable === undefined && minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0, unmanaged: [] };
  const { wanted, unmanaged } = await wantedOf(pods, scales);
  const desiredHealthy = maxUnavailable === undefined
    ? scaleUp(minAvailable ?? 0, wanted)
    : Math.max(0, wanted - scaleUp(maxUnavailable, wanted));
  return { expectedPods: wanted, desiredHealthy, unmanaged };
}

/** The sum of what the pods' owners want, each counted once. Throws where an owner does not say or is gone. */
async function wantedOf(pods: readonly Pod[], scales: OwnerScales): Promise<{ wanted: number; unmanaged: string[] }> {
  const wantedByOwner = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const { name, ownerReferences = [] } = pod.metadata;
    const owner = ownerReferences.find(({ controller }) => controller);
    if (!owner) unmanaged.push(name);
    if (!owner || wantedByOwner.has(owner.uid)) continue;
    const scale = await scales.scaleOf(owner, namespaceOf(pod));
    if (scale === undefined) throw new TerminalError(`found no controllers for pod ${JSON.stringify(name)}`);
    wantedByOwner.set(owner.uid, scale);
  }
  return { wanted: [...wantedByOwner.values()].reduce((sum, scale) => sum + scale, 0), unmanaged };
}
