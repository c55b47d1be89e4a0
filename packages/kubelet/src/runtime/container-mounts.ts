import type { Mount } from '@podling/cri';
import type { Container, VolumeMount } from '@podling/shared/api';
import { ContainerConfigError } from './environment.ts';

/** A pod's volume on the node. */
export interface MountedVolume {
  hostPath: string;
  /** Whatever a mount asks for. */
  readOnly: boolean;
}

/** By the name of the volume. */
export type MountedVolumes = ReadonlyMap<string, MountedVolume>;

/** What of the node a container sees; fails with `ContainerConfigError`. */
export function containerMounts(container: Container, volumes: MountedVolumes, etcHostsPath: string): Mount[] {
  const own = (container.volumeMounts ?? []).map((mount) => mountOf(mount, volumes));
  return [...own, ...etcHostsMount(container, etcHostsPath)];
}

function mountOf(mount: VolumeMount, volumes: MountedVolumes): Mount {
  if (mount.subPath || mount.subPathExpr) throw new ContainerConfigError(`volumeMount "${mount.mountPath}": subPath is not supported yet`);
  const volume = volumes.get(mount.name);
  if (volume === undefined) throw new ContainerConfigError(`cannot find volume "${mount.name}" to mount into container`);
  const propagations = { None: 'PRIVATE', HostToContainer: 'HOST_TO_CONTAINER', Bidirectional: 'BIDIRECTIONAL' } as const;
  return {
    hostPath: volume.hostPath,
    containerPath: mount.mountPath,
    readonly: volume.readOnly || (mount.readOnly ?? false),
    propagation: propagations[mount.mountPropagation ?? 'None'],
  };
}

/** A user's own mount over /etc/hosts wins. */
function etcHostsMount(container: Container, hostPath: string): Mount[] {
  if (container.volumeMounts?.some(({ mountPath }) => mountPath === '/etc/hosts')) return [];
  return [{ hostPath, containerPath: '/etc/hosts', readonly: container.securityContext?.readOnlyRootFilesystem ?? false }];
}
