import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { mountPointOf, readMountTable } from '@podling/shared/process';
import type { MountPoint } from '@podling/shared/process';
import { CriError } from '../cri.ts';
import type { Mount } from '../cri.ts';
import { supportsRecursiveReadOnly } from '../recursive-read-only.ts';

/** OCI `linux.rootfsPropagation`: what of the mounts needs it. */
export function rootfsPropagation(mounts: readonly Pick<Mount, 'propagation'>[]): 'rshared' | 'rslave' | undefined {
  if (mounts.some(({ propagation }) => propagation === 'BIDIRECTIONAL')) return 'rshared';
  return mounts.some(({ propagation }) => propagation === 'HOST_TO_CONTAINER') ? 'rslave' : undefined;
}

/**
 * Makes a folder for each source that is not there, as Kubernetes' runtimes do. Fails with `InvalidArgument` when a mount
 * of the node is not shared and the propagation asked for needs it, or when what is asked for excludes itself.
 */
export function prepareMounts(mounts: readonly Mount[], table: () => MountPoint[] = readMountTable): void {
  for (const mount of mounts) checkRecursiveReadOnly(mount);
  for (const { hostPath } of mounts) ensureSource(hostPath);
  const propagating = mounts.filter(({ propagation = 'PRIVATE' }) => propagation !== 'PRIVATE');
  if (propagating.length === 0) return;
  const points = table();
  for (const mount of propagating) checkPropagation(mount, points);
}

function checkRecursiveReadOnly({ containerPath, recursiveReadOnly = false, readonly, propagation = 'PRIVATE' }: Mount): void {
  if (!recursiveReadOnly) return;
  const problem = !supportsRecursiveReadOnly() ? 'needs Linux 5.12' : !readonly ? 'must be read-only' : propagation !== 'PRIVATE' ? `cannot have propagation ${propagation}` : undefined;
  if (problem !== undefined) throw new CriError('InvalidArgument', `recursive read-only mount at "${containerPath}" ${problem}`);
}

function ensureSource(hostPath: string): void {
  if (existsSync(hostPath)) return;
  try {
    mkdirSync(hostPath, { recursive: true });
  } catch (cause) {
    throw new CriError('InvalidArgument', `failed to make the folder "${hostPath}" to mount`, { cause });
  }
}

function checkPropagation({ hostPath, propagation }: Mount, points: readonly MountPoint[]): void {
  const path = realpathSync(hostPath);
  const point = mountPointOf(path, points);
  const isGood = propagation === 'BIDIRECTIONAL' ? point?.shared : point?.shared || point?.slave;
  if (isGood) return;
  const wanted = propagation === 'BIDIRECTIONAL' ? 'shared' : 'shared or slave';
  throw new CriError('InvalidArgument', `path "${path}" is mounted on "${point?.path ?? ''}" but it is not a ${wanted} mount`);
}
