import { join } from 'node:path';
import type { Mount } from '@podling/cri';
import type { Container, Pod, VolumeMount } from '@podling/shared/api';
import { ContainerConfigError } from './environment.ts';
import { expand } from './expansion.ts';
import { recursiveReadOnlyOf } from './recursive-read-only.ts';

/** A pod's volume on the node. */
export interface MountedVolume {
  hostPath: string;
  /** Whatever a mount asks for. */
  readOnly: boolean;
}

/** By the name of the volume. */
export type MountedVolumes = ReadonlyMap<string, MountedVolume>;

/** The part of a volume that a mount is of. */
export interface SubPath {
  volume: string;
  /** Of the mount among its container's. */
  index: number;
  /** Relative, without `..`. */
  path: string;
}

/** With `subPath`: `hostPath` is that of the volume, and the part is yet to be found in it. */
export interface PlannedMount extends Mount {
  subPath?: SubPath;
}

/** Finds the parts of volumes on the node, anew for each start of a container. */
export interface SubPathMounts {
  /** Fails with `ContainerConfigError`. */
  bind(pod: Pod, container: Container, mounts: readonly PlannedMount[]): Promise<Mount[]>;
}

/** What of the node a container sees; `environment` is its own. Fails with `ContainerConfigError`. */
export function containerMounts(container: Container, volumes: MountedVolumes, etcHostsPath: string, environment: ReadonlyMap<string, string>): PlannedMount[] {
  const [device] = container.volumeDevices ?? [];
  if (device) throw new ContainerConfigError(`cannot find volume "${device.name}" to pass into container "${container.name}"`);
  const own = (container.volumeMounts ?? []).map((mount, index) => mountOf(mount, volumes, subPathOf(mount, index, environment)));
  return [...own, ...etcHostsMount(container, etcHostsPath)];
}

const propagations = { None: 'PRIVATE', HostToContainer: 'HOST_TO_CONTAINER', Bidirectional: 'BIDIRECTIONAL' } as const;

function mountOf(mount: VolumeMount, volumes: MountedVolumes, subPath: SubPath | undefined): PlannedMount {
  const volume = volumes.get(mount.name);
  if (volume === undefined) throw new ContainerConfigError(`cannot find volume "${mount.name}" to mount into container`);
  return {
    hostPath: volume.hostPath,
    containerPath: absolutePath(mount.mountPath),
    readonly: volume.readOnly || (mount.readOnly ?? false),
    ...(recursiveReadOnlyOf(mount) ? { recursiveReadOnly: true } : {}),
    propagation: propagations[mount.mountPropagation ?? 'None'],
    ...(subPath === undefined ? {} : { subPath }),
  };
}

/** Upstream twins: `ExpandContainerVolumeMounts`, `ValidatePathNoBacksteps`. */
function subPathOf({ name, subPath = '', subPathExpr = '' }: VolumeMount, index: number, environment: ReadonlyMap<string, string>): SubPath | undefined {
  const path = subPathExpr === '' ? subPath : expanded(subPathExpr, environment);
  if (path === '') return undefined;
  if (path.startsWith('/')) throw new ContainerConfigError(`error SubPath \`${path}\` must not be an absolute path`);
  if (path.split('/').includes('..')) throw new ContainerConfigError(`unable to provision SubPath \`${path}\`: must not contain '..'`);
  return { volume: name, index, path };
}

function expanded(expression: string, environment: ReadonlyMap<string, string>): string {
  const missing = new Set<string>();
  const path = expand(expression, (name) => {
    const value = environment.get(name) ?? '';
    if (value === '') missing.add(name);
    return value;
  });
  if (missing.size > 0) throw new ContainerConfigError(`missing value for ${[...missing].sort().join(', ')}`);
  return path;
}

/** A path in a container: one that is relative begins at its root. */
export function absolutePath(path: string): string {
  return path.startsWith('/') ? path : join('/', path);
}

/** A user's own mount over /etc/hosts wins. */
function etcHostsMount(container: Container, hostPath: string): Mount[] {
  if (container.volumeMounts?.some(({ mountPath }) => absolutePath(mountPath) === '/etc/hosts')) return [];
  return [{ hostPath, containerPath: '/etc/hosts', readonly: container.securityContext?.readOnlyRootFilesystem ?? false }];
}
