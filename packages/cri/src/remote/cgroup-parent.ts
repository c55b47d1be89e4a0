import { systemdSlice } from '@podling/shared/util';
import type { RuntimeConfig } from '../cri.ts';

/** A cgroup parent as a runtime with this driver takes it: `/kubepods/burstable/poda-b` is `kubepods-burstable-poda_b.slice` to systemd. */
export function cgroupParentFor(driver: RuntimeConfig['cgroupDriver'], path: string): string {
  if (driver === 'cgroupfs' || path === '') return path;
  return systemdSlice(path.split('/').filter((part) => part !== ''));
}
