import { podRequests, quantityToBytes, uidOf, type Pod } from '@podling/shared/api';
import type { FsStats, PodStats } from '../stats/summary.ts';
import { isDiskSignal, measuredShares, type DiskLayout, type DiskShare } from './disk-layout.ts';
import { signalTraits, type Signal, type StarvedResource } from './signals.ts';

/** By the pod's UID; undefined: nobody has measured it. */
export type StatsOf = (pod: Pod) => PodStats | undefined;

export function statsByUid(pods: readonly PodStats[]): StatsOf {
  const byUid = new Map(pods.map((stats) => [stats.podRef.uid, stats]));
  return (pod) => byUid.get(uidOf(pod));
}

/** Negative: the first goes first. */
type Comparison = (one: Pod, other: Pod) => number;

/**
 * The pods in the order in which they have to go: those of which nobody knows what they use, those that use more than
 * they asked for, those of lower priority, those that use the most beyond what they asked for. For process ids only
 * priority and number count. Pure. Upstream twins: `rankMemoryPressure`, `rankPIDPressure`, `rankDiskPressureFunc`.
 */
export function rankPods(pods: readonly Pod[], statsOf: StatsOf, signal: Signal, layout: DiskLayout): Pod[] {
  const { resource } = signalTraits[signal];
  const usageOf = (pod: Pod): number | undefined => {
    const stats = statsOf(pod);
    if (stats === undefined) return undefined;
    return isDiskSignal(signal) ? diskUsage(pod, stats, resource, measuredShares(layout, signal)) : plainUsage(stats, resource);
  };
  const rows = new Map(pods.map((pod) => [pod, rowOf(pod, resource, usageOf(pod))]));
  const by = (comparison: (one: Row, other: Row) => number): Comparison => (one, other) => comparison(rows.get(one) as Row, rows.get(other) as Row);
  const comparisons = resource === 'pids' ? [byPriority, by(byExcess)] : [by(byExceeding), byPriority, by(byExcess)];
  return pods.toSorted((one, other) => comparisons.reduce((order, compare) => order || compare(one, other), 0));
}

interface Row {
  isKnown: boolean;
  exceeds: boolean;
  excess: number;
}

function rowOf(pod: Pod, resource: StarvedResource, usage: number | undefined): Row {
  if (usage === undefined) return { isKnown: false, exceeds: false, excess: 0 };
  // As upstream: inodes are ranked by what is above the request for storage, process ids by their number.
  const requestedName = resource === 'inodes' ? 'ephemeral-storage' : resource;
  return { isKnown: true, exceeds: usage > requestOf(pod, resource), excess: usage - (resource === 'pids' ? 0 : requestOf(pod, requestedName)) };
}

const trueFirst = (one: boolean, other: boolean): number => Number(other) - Number(one);

const byExceeding = (one: Row, other: Row): number =>
  one.isKnown && other.isKnown ? trueFirst(one.exceeds, other.exceeds) : trueFirst(!one.isKnown, !other.isKnown);

const byExcess = (one: Row, other: Row): number =>
  one.isKnown && other.isKnown ? other.excess - one.excess : trueFirst(!one.isKnown, !other.isKnown);

const byPriority: Comparison = (one, other) => (one.spec.priority ?? 0) - (other.spec.priority ?? 0);

const requestOf = ({ spec }: Pod, resource: string): number => Number(quantityToBytes(podRequests(spec)[resource] ?? '0'));

function plainUsage({ memory, process_stats: processes }: PodStats, resource: StarvedResource): number {
  return (resource === 'memory' ? memory?.workingSetBytes : processes?.process_count) ?? 0;
}

/** Undefined while a volume of its own has no figure: volumes have just been looked at, and one that takes too long is large. */
function diskUsage(pod: Pod, { containers, volume = [] }: PodStats, resource: StarvedResource, shares: readonly DiskShare[]): number | undefined {
  const amount = (stats: FsStats | undefined): number => (resource === 'inodes' ? stats?.inodesUsed : stats?.usedBytes) ?? 0;
  const local = new Set(localVolumes(pod));
  const own = (pod.spec.volumes ?? []).filter(({ name, emptyDir }) => emptyDir !== undefined && local.has(name));
  if (shares.includes('volumes') && !own.every(({ name }) => volume.some((stats) => stats.name === name))) return undefined;
  const measured = [
    ...(shares.includes('rootfs') ? containers.map(({ rootfs }) => rootfs) : []),
    ...(shares.includes('logs') ? containers.map(({ logs }) => logs) : []),
    ...(shares.includes('volumes') ? volume.filter(({ name }) => local.has(name)) : []),
  ];
  return measured.reduce((sum, stats) => sum + amount(stats), 0);
}

/** Volumes that take room on the node's disk. */
function localVolumes({ spec }: Pod): string[] {
  const isLocal = ({ hostPath, gitRepo, emptyDir, configMap }: NonNullable<typeof spec.volumes>[number]): boolean =>
    hostPath !== undefined || gitRepo !== undefined || configMap !== undefined || (emptyDir !== undefined && (emptyDir.medium ?? '') === '');
  return (spec.volumes ?? []).filter(isLocal).map(({ name }) => name);
}
