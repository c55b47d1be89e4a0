import { CriError, type ContainerStats, type PodSandboxFilter, type PodSandboxStats, type RuntimeService } from '@podling/cri';
import { podNameLabel, podNamespaceLabel, podUidLabel } from '../runtime/labels.ts';

export type StatsRuntime = Pick<RuntimeService, 'listPodSandboxStats' | 'listContainerStats'>;

/** Of pods whose sandbox is ready, by UID. A runtime that knows containers only is asked for those; the pod's figures are their sums then. */
export async function readPods(runtime: StatsRuntime, filter: PodSandboxFilter = {}): Promise<Map<string, PodSandboxStats>> {
  const all = await runtime.listPodSandboxStats(filter).catch(async (error: unknown) => {
    if (!(error instanceof CriError && error.code === 'Unimplemented')) throw error;
    return summedUp(await runtime.listContainerStats(filter.labelSelector === undefined ? {} : { labelSelector: filter.labelSelector }));
  });
  return new Map(all.map((stats) => [stats.metadata.uid, stats]));
}

function summedUp(containers: readonly ContainerStats[]): PodSandboxStats[] {
  const pods = Map.groupBy(containers, ({ labels }) => labels[podUidLabel] ?? '');
  return [...pods].map(([uid, own]) => {
    const sum = (pick: (stats: ContainerStats) => number): number => own.reduce((total, stats) => total + pick(stats), 0);
    const labels = own[0]?.labels ?? {};
    return {
      id: uid, labels, containers: own,
      metadata: { name: labels[podNameLabel] ?? '', namespace: labels[podNamespaceLabel] ?? '', uid, attempt: 0 },
      timestampMs: Math.min(...own.map(({ timestampMs }) => timestampMs)),
      cpuUsageNanoSeconds: own.reduce((total, { cpuUsageNanoSeconds }) => total + cpuUsageNanoSeconds, 0n),
      memoryUsageBytes: sum(({ memoryUsageBytes }) => memoryUsageBytes),
      memoryWorkingSetBytes: sum(({ memoryWorkingSetBytes }) => memoryWorkingSetBytes),
      memoryRssBytes: sum(({ memoryRssBytes }) => memoryRssBytes),
    };
  });
}
