import { canonicalQuantity, podLimits, quantityToBytes, type Pod } from '@podling/shared/api';
import type { ContainerStats, PodStats } from '../stats/summary.ts';
import type { DiskLayout } from './disk-layout.ts';

/** What metrics call the limit. */
export type LimitSignal = 'emptydirfs.limit' | 'ephemeralpodfs.limit' | 'ephemeralcontainerfs.limit';

export interface LimitViolation {
  signal: LimitSignal;
  /** The blank at the end is Kubernetes'. */
  message: string;
}

/** Whether anything is to be measured of the pod; a volume in memory cannot outgrow its limit. */
export function hasLocalLimit({ spec }: Pod): boolean {
  const isLimited = spec.volumes?.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined && (emptyDir.medium ?? '') === '');
  return isLimited === true || podLimits(spec)['ephemeral-storage'] !== undefined;
}

/**
 * The first limit on the node's disk that the pod is past: of an emptyDir, of all its containers, of one of them; pure.
 * Upstream twin: `localStorageEviction`.
 */
export function violatedLimit(pod: Pod, stats: PodStats, layout: DiskLayout): LimitViolation | undefined {
  return emptyDirViolation(pod, stats) ?? podViolation(pod, stats) ?? containerViolation(pod, stats, layout);
}

function emptyDirViolation({ spec }: Pod, { volume = [] }: PodStats): LimitViolation | undefined {
  const used = new Map(volume.map(({ name, usedBytes }) => [name, usedBytes ?? 0]));
  const found = spec.volumes?.find(({ name, emptyDir }) => isPast(used.get(name), emptyDir?.sizeLimit));
  if (found === undefined) return undefined;
  const limit = canonicalQuantity(found.emptyDir?.sizeLimit ?? '0');
  return { signal: 'emptydirfs.limit', message: `Usage of EmptyDir volume "${found.name}" exceeds the limit "${limit}". ` };
}

/** A limit on one container is one on all of them together. */
function podViolation({ spec }: Pod, stats: PodStats): LimitViolation | undefined {
  const limit = podLimits(spec)['ephemeral-storage'];
  if (limit === undefined || (stats['ephemeral-storage']?.usedBytes ?? 0) <= Number(quantityToBytes(limit))) return undefined;
  return { signal: 'ephemeralpodfs.limit', message: `Pod ephemeral local storage usage exceeds the total limit of containers ${canonicalQuantity(limit)}. ` };
}

function containerViolation({ spec }: Pod, { containers }: PodStats, layout: DiskLayout): LimitViolation | undefined {
  const limitOf = ({ name }: ContainerStats): string | undefined => spec.containers.find((container) => container.name === name)?.resources?.limits?.['ephemeral-storage'];
  const found = containers.find((stats) => isPast(usedBytes(stats, layout), limitOf(stats)));
  if (found === undefined) return undefined;
  const limit = canonicalQuantity(limitOf(found) ?? '0');
  return { signal: 'ephemeralcontainerfs.limit', message: `Container ${found.name} exceeded its local ephemeral storage limit "${limit}". ` };
}

/** A writable layer on a file system of its own is no concern of the node's. */
function usedBytes({ logs, rootfs }: ContainerStats, layout: DiskLayout): number {
  return (logs?.usedBytes ?? 0) + (layout === 'shared' ? (rootfs?.usedBytes ?? 0) : 0);
}

/** No limit, or one of zero, cannot be passed. */
function isPast(used: number | undefined, limit: string | undefined): boolean {
  if (used === undefined || limit === undefined) return false;
  const bytes = Number(quantityToBytes(limit));
  return bytes > 0 && used > bytes;
}
