import { describe, expect, it } from 'vitest';
import { measuredShares, nodeReclaims, withContainerFs, type DiskLayout } from './disk-layout.ts';
import type { Signal } from './signals.ts';
import type { Threshold } from './thresholds.ts';

describe('disk layout', () => {
  it.each<[DiskLayout, Signal, string, string]>([
    ['shared', 'nodefs.available', 'rootfs,logs,volumes', 'containers,images'],
    ['shared', 'imagefs.inodesFree', 'rootfs,logs,volumes', 'containers,images'],
    ['dedicatedImageFs', 'nodefs.available', 'logs,volumes', ''],
    ['dedicatedImageFs', 'imagefs.available', 'rootfs', 'containers,images'],
    ['dedicatedImageFs', 'containerfs.available', 'rootfs', 'containers,images'],
    ['splitImageFs', 'nodefs.inodesFree', 'logs,volumes,rootfs', 'containers'],
    ['splitImageFs', 'containerfs.available', 'logs,volumes,rootfs', 'containers'],
    ['splitImageFs', 'imagefs.available', '', 'images'],
    ['shared', 'memory.available', 'rootfs,logs,volumes', ''],
  ])('%s: %s is relieved of %s', (layout, signal, shares, reclaims) => {
    expect([measuredShares(layout, signal).join(), nodeReclaims(layout, signal).join()]).toEqual([shares, reclaims]);
  });

  it.each<[DiskLayout, number]>([['shared', 0.1], ['splitImageFs', 0.1], ['dedicatedImageFs', 0.15]])('%s gives writable layers the threshold of their file system', (layout, share) => {
    const thresholds: Threshold[] = [
      { signal: 'nodefs.available', value: { share: 0.1 }, gracePeriodMs: 0 },
      { signal: 'imagefs.available', value: { share: 0.15 }, gracePeriodMs: 0 },
      { signal: 'containerfs.available', value: { share: 0.5 }, gracePeriodMs: 0 },
    ];
    expect(withContainerFs(layout, thresholds)).toEqual([...thresholds.slice(0, 2), { signal: 'containerfs.available', value: { share }, gracePeriodMs: 0 }]);
  });
});
