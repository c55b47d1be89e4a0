import type { Signal } from './signals.ts';
import { isHard, type Threshold } from './thresholds.ts';

/** How the node's folders lie on its file systems. */
export type DiskLayout =
  /** All on one. */
  | 'shared'
  /** Images and writable layers on one of their own. */
  | 'dedicatedImageFs'
  /** Images on one of their own, writable layers with the rest. */
  | 'splitImageFs';

/** What of a pod takes room on a file system. */
export type DiskShare = 'rootfs' | 'logs' | 'volumes';

/** What the kubelet can free before a pod has to go, in this order. */
export type NodeReclaim = 'containers' | 'images';

/** The file systems by the names that signals have for them. */
type FileSystem = 'nodefs' | 'imagefs' | 'containerfs';

export function isDiskSignal(signal: Signal): boolean {
  return fileSystemOf(signal) !== undefined;
}

/** By which of its parts a pod is measured; upstream twin: `buildSignalToRankFunc`. */
export function measuredShares(layout: DiskLayout, signal: Signal): readonly DiskShare[] {
  const fileSystem = fileSystemOf(signal);
  if (layout === 'shared') return ['rootfs', 'logs', 'volumes'];
  if (layout === 'dedicatedImageFs') return fileSystem === 'nodefs' ? ['logs', 'volumes'] : ['rootfs'];
  return fileSystem === 'imagefs' ? [] : ['logs', 'volumes', 'rootfs'];
}

/** Upstream twin: `buildSignalToNodeReclaimFuncs`. */
export function nodeReclaims(layout: DiskLayout, signal: Signal): readonly NodeReclaim[] {
  const fileSystem = fileSystemOf(signal);
  if (fileSystem === undefined) return [];
  if (layout === 'shared') return ['containers', 'images'];
  if (layout === 'dedicatedImageFs') return fileSystem === 'nodefs' ? [] : ['containers', 'images'];
  return fileSystem === 'imagefs' ? ['images'] : ['containers'];
}

/** What holds for the file system that writable layers lie on holds for them; nobody sets it. Upstream twin: `UpdateContainerFsThresholds`. */
export function withContainerFs(layout: DiskLayout, thresholds: readonly Threshold[]): Threshold[] {
  const source = layout === 'dedicatedImageFs' ? 'imagefs' : 'nodefs';
  const others = thresholds.filter(({ signal }) => fileSystemOf(signal) !== 'containerfs');
  const copies = (['available', 'inodesFree'] as const).flatMap((kind) => [true, false].flatMap((hard) => {
    const found = others.findLast((threshold) => threshold.signal === `${source}.${kind}` && isHard(threshold) === hard);
    return found === undefined ? [] : [{ ...found, signal: `containerfs.${kind}` as const }];
  }));
  return [...others, ...copies];
}

function fileSystemOf(signal: Signal): FileSystem | undefined {
  return (['nodefs', 'imagefs', 'containerfs'] as const).find((name) => signal.startsWith(`${name}.`));
}
