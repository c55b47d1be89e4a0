import { supportsRecursiveReadOnly } from '@podling/cri';
import type { ContainerStatus, VolumeMount } from '@podling/shared/api';
import { ContainerConfigError } from './environment.ts';

type VolumeMountStatus = NonNullable<ContainerStatus['volumeMounts']>[number];

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
