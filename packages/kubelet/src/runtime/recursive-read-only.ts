import { release } from 'node:os';
import type { ContainerStatus, VolumeMount } from '@podling/shared/api';
import { ContainerConfigError } from './environment.ts';

type VolumeMountStatus = NonNullable<ContainerStatus['volumeMounts']>[number];

/** The first kernel that can make a whole tree of mounts read-only (`mount_setattr`). */
const since = { major: 5, minor: 12 };

/** Whether this node can; `version` as of uname. */
export function supportsRecursiveReadOnly(version = release()): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > since.major || (major === since.major && minor >= since.minor);
}

/** Whether what is mounted below is to be read-only too; fails with `ContainerConfigError`. Upstream twin: `resolveRecursiveReadOnly`. */
export function recursiveReadOnlyOf({ name, readOnly = false, recursiveReadOnly = 'Disabled', mountPropagation = 'None' }: VolumeMount, supported = supportsRecursiveReadOnly()): boolean {
  if (recursiveReadOnly === 'Disabled') return false;
  const refuse = (why: string): never => {
    throw new ContainerConfigError(`failed to resolve recursive read-only mode: volume "${name}" requested recursive read-only mode, but it is ${why}`);
  };
  if (!readOnly) refuse('not read-only');
  if (mountPropagation !== 'None') refuse(`not compatible with propagation "${mountPropagation}"`);
  if (recursiveReadOnly === 'Enabled' && !supported) refuse('not supported by the runtime');
  return supported;
}

/** How a container's volumes are mounted, for its status. */
export function volumeMountStatuses(volumeMounts: readonly VolumeMount[]): VolumeMountStatus[] {
  return volumeMounts.map((mount) => {
    const { name, mountPath, readOnly = false } = mount;
    if (!readOnly) return { name, mountPath };
    return { name, mountPath, readOnly, recursiveReadOnly: isRecursive(mount) ? 'Enabled' : 'Disabled' };
  });
}

function isRecursive(mount: VolumeMount): boolean {
  try {
    return recursiveReadOnlyOf(mount);
  } catch (error) {
    if (error instanceof ContainerConfigError) return false;
    throw error;
  }
}
