import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { release } from 'node:os';
import { CriError } from '../cri.ts';
import type { Mount } from '../cri.ts';

/** The kernel that can make a whole tree of mounts read-only. */
const recursiveReadOnlySince = { major: 5, minor: 12 };

interface MountPoint {
  path: string;
  shared: boolean;
  slave: boolean;
}

/** OCI `linux.rootfsPropagation`: what of the mounts needs it. */
export function rootfsPropagation(mounts: readonly Pick<Mount, 'propagation'>[]): 'rshared' | 'rslave' | undefined {
  if (mounts.some(({ propagation }) => propagation === 'BIDIRECTIONAL')) return 'rshared';
  return mounts.some(({ propagation }) => propagation === 'HOST_TO_CONTAINER') ? 'rslave' : undefined;
}

/**
 * Makes a folder for each source that is not there, as Kubernetes' runtimes do. Fails with `InvalidArgument` when a mount
 * of the node is not shared and the propagation asked for needs it, or when what is asked for excludes itself.
 */
export function prepareMounts(mounts: readonly Mount[], mountInfo: () => string = ownMountInfo): void {
  for (const mount of mounts) checkRecursiveReadOnly(mount);
  for (const { hostPath } of mounts) ensureSource(hostPath);
  const propagating = mounts.filter(({ propagation = 'PRIVATE' }) => propagation !== 'PRIVATE');
  if (propagating.length === 0) return;
  const points = mountPoints(mountInfo());
  for (const mount of propagating) checkPropagation(mount, points);
}

function checkRecursiveReadOnly({ containerPath, recursiveReadOnly = false, readonly, propagation = 'PRIVATE' }: Mount): void {
  if (!recursiveReadOnly) return;
  const [major = 0, minor = 0] = release().split('.').map((part) => Number.parseInt(part, 10));
  const isOld = major < recursiveReadOnlySince.major || (major === recursiveReadOnlySince.major && minor < recursiveReadOnlySince.minor);
  const problem = isOld ? 'needs Linux 5.12' : !readonly ? 'must be read-only' : propagation !== 'PRIVATE' ? `cannot have propagation ${propagation}` : undefined;
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

/** The one with the longest path; of equal paths the later lies over the earlier. */
function mountPointOf(path: string, points: readonly MountPoint[]): MountPoint | undefined {
  const holding = points.filter((point) => point.path === '/' || path === point.path || path.startsWith(`${point.path}/`));
  return holding.toSorted((left, right) => left.path.length - right.path.length).at(-1);
}

/** See proc(5): the optional fields stand between the sixth and a lone hyphen. */
function mountPoints(text: string): MountPoint[] {
  return text.trimEnd().split('\n').map((line) => {
    const fields = line.split(' ');
    const optional = fields.slice(6, fields.indexOf('-'));
    const has = (name: string): boolean => optional.some((field) => field.startsWith(`${name}:`));
    return { path: unescape(fields[4] ?? ''), shared: has('shared'), slave: has('master') };
  });
}

function unescape(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function ownMountInfo(): string {
  return readFileSync('/proc/self/mountinfo', 'utf8');
}
