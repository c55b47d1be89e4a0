import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { quantityToBytes, uidOf, type EmptyDirVolumeSource, type Pod, type Volume } from '@podling/shared/api';
import type { MountedVolume, MountedVolumes } from '../runtime/container-config.ts';
import type { PodPaths, VolumePlugin } from '../runtime/pod-paths.ts';
import { writeAtomically } from './atomic-writer.ts';
import type { Payload } from './file-projection.ts';
import { setUpHostPath } from './host-path.ts';
import type { Mounter } from './mounter.ts';
import { nestedMountPoints } from './nested-mount-points.ts';
import { belongsToGroup, giveToGroup, openToAll } from './ownership.ts';
import { Projections, type ProjectionContext } from './projected-sources.ts';

/** A volume is not there; the pod waits in ContainerCreating, the user reads the message, the kubelet tries again. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

export interface VolumeManagerOptions extends ProjectionContext {
  paths: PodPaths;
  mounter: Mounter;
}

/** A volume that is made of files: where it is and what is in it. */
interface Projection {
  plugin: VolumePlugin;
  /** Secrets and tokens never reach the disk. */
  inMemory: boolean;
  payload: Payload;
}

/**
 * Prepares a pod's volumes and takes them away again; both idempotent.
 * Called by sync-pod before containers start and when the pod has ended. Upstream twin: kubelet `VolumeManager`.
 */
export class VolumeManager {
  readonly #options: VolumeManagerOptions;
  readonly #projections: Projections;

  constructor(options: VolumeManagerOptions) {
    this.#options = options;
    this.#projections = new Projections(options);
  }

  /** All at once. Fails with `VolumeError` naming the first volume that cannot be set up. */
  async setUp(pod: Pod): Promise<MountedVolumes> {
    const volumes = pod.spec.volumes ?? [];
    const outcomes = await Promise.allSettled(volumes.map(async (volume) => [volume.name, await this.#setUpVolume(pod, volume)] as const));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    return new Map(outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])));
  }

  /** Removes the pod's own volumes with their content; what lies behind a hostPath stays. */
  async tearDown(uid: string): Promise<void> {
    const folder = this.#options.paths.volumesDir(uid);
    // What a container has mounted inside a volume is not ours to empty.
    await this.#options.mounter.unmountBelow(folder);
    await rm(folder, { recursive: true, force: true });
  }

  async #setUpVolume(pod: Pod, volume: Volume): Promise<MountedVolume> {
    try {
      if (volume.hostPath) return { hostPath: await setUpHostPath(volume.hostPath), readOnly: false };
      if (volume.emptyDir) return { hostPath: await this.#setUpEmptyDir(pod, volume.name, volume.emptyDir), readOnly: false };
      const projection = await this.#projection(pod, volume);
      return { hostPath: await this.#setUpProjection(pod, volume.name, projection), readOnly: true };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${reason}`, { cause });
    }
  }

  async #projection(pod: Pod, { configMap, secret, downwardAPI, projected, ...rest }: Volume): Promise<Projection> {
    const from = this.#projections;
    if (configMap) return { plugin: 'configmap', inMemory: false, payload: await from.configMap(pod, configMap, configMap.defaultMode) };
    if (secret) return { plugin: 'secret', inMemory: true, payload: await from.secret(pod, { ...secret, name: secret.secretName }, secret.defaultMode) };
    if (downwardAPI) return { plugin: 'downward-api', inMemory: true, payload: from.downwardApi(pod, downwardAPI.items, downwardAPI.defaultMode) };
    if (projected) return { plugin: 'projected', inMemory: true, payload: await from.projected(pod, projected) };
    throw new Error(`volume kind "${kindOf(rest)}" is not supported yet`);
  }

  async #setUpProjection(pod: Pod, name: string, { plugin, inMemory, payload }: Projection): Promise<string> {
    const { paths, mounter } = this.#options;
    const path = paths.volume(uidOf(pod), plugin, name);
    await mkdir(path, { recursive: true });
    if (inMemory) await mounter.mountTmpfs(path, 0n);
    await openToAll(path);
    for (const folder of nestedMountPoints(pod, name)) await mkdir(join(path, folder), { recursive: true });
    const fsGroup = pod.spec.securityContext?.fsGroup;
    await writeAtomically(path, payload, async () => {
      if (fsGroup !== undefined) await giveToGroup(path, fsGroup, true);
    });
    return path;
  }

  async #setUpEmptyDir(pod: Pod, name: string, { medium = '', sizeLimit }: EmptyDirVolumeSource): Promise<string> {
    if (medium !== '' && medium !== 'Memory') throw new Error(`unsupported emptyDir medium "${medium}"`);
    const { paths, mounter } = this.#options;
    const path = paths.volume(uidOf(pod), 'empty-dir', name);
    await mkdir(path, { recursive: true });
    if (medium === 'Memory') await mounter.mountTmpfs(path, sizeLimit === undefined ? 0n : quantityToBytes(sizeLimit));
    await openToAll(path);
    const fsGroup = pod.spec.securityContext?.fsGroup;
    if (fsGroup !== undefined && !(await belongsToGroup(path, fsGroup))) await giveToGroup(path, fsGroup, false);
    return path;
  }
}

function kindOf(volume: Volume): string {
  return Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
}
