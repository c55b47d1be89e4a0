import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { quantityToBytes, uidOf, type EmptyDirVolumeSource, type Pod, type Volume } from '@podling/shared/api';
import type { MountedVolume, MountedVolumes } from '../runtime/container-mounts.ts';
import type { PodPaths, VolumePlugin } from '../runtime/pod-paths.ts';
import { settleAll } from '../runtime/settle-all.ts';
import { isWritten, writeAtomically } from './atomic-writer.ts';
import type { Payload } from './file-projection.ts';
import { setUpHostPath } from './host-path.ts';
import type { Mounter } from './mounter.ts';
import { nestedMountPoints } from './nested-mount-points.ts';
import { giveToGroup, openToAll } from './ownership.ts';
import { Projections, type ProjectionContext } from './projected-sources.ts';

/** A volume is not there; the pod waits in ContainerCreating, the user reads the message, the kubelet tries again. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

export interface VolumeManagerOptions extends ProjectionContext {
  paths: PodPaths;
  mounter: Mounter;
}

/** A volume that is made of files: where it is and how to learn what is in it. */
interface Projection {
  plugin: VolumePlugin;
  /** Secrets and tokens never reach the disk. */
  inMemory: boolean;
  read: () => Promise<Payload>;
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

  /**
   * Finds out what is in the pod's volumes, all at once; the answer puts it in place. Apart, so that the work on the
   * node does not hold up the sandbox, and no sandbox is made for a pod whose objects are missing. Both fail with a
   * `VolumeError` that names the first volume that cannot be set up.
   */
  async prepare(pod: Pod): Promise<() => Promise<MountedVolumes>> {
    const volumes = pod.spec.volumes ?? [];
    const prepared = await settleAll(volumes.map((volume) => naming(volume, () => this.#prepare(pod, volume))));
    return async () => {
      const mounted = await settleAll(volumes.map((volume, index) => naming(volume, async () => prepared[index]?.())));
      return new Map(volumes.flatMap(({ name }, index) => (mounted[index] ? [[name, mounted[index]]] : [])));
    };
  }

  /** Removes the pod's own volumes with their content; what lies behind a hostPath stays. */
  async tearDown(uid: string): Promise<void> {
    const { paths, mounter } = this.#options;
    // What is mounted anywhere in the pod's folder, by us or by a container, is not to be emptied.
    await mounter.unmountBelow(paths.podDir(uid));
    for (const own of [paths.volumesDir(uid), paths.subPathsDir(uid), paths.pluginsDir(uid)]) await rm(own, { recursive: true, force: true });
  }

  async #prepare(pod: Pod, { name, hostPath, emptyDir, ...source }: Volume): Promise<() => Promise<MountedVolume>> {
    if (hostPath) {
      const path = await setUpHostPath(hostPath);
      return () => Promise.resolve({ hostPath: path, readOnly: false });
    }
    if (emptyDir) return async () => ({ hostPath: await this.#setUpEmptyDir(pod, name, emptyDir), readOnly: false });
    const path = await this.#prepareProjection(pod, name, this.#projection(pod, { name, ...source }));
    return async () => ({ hostPath: await path(), readOnly: true });
  }

  #projection(pod: Pod, { configMap, secret, downwardAPI, projected, ...rest }: Volume): Projection {
    const from = this.#projections;
    if (configMap) return { plugin: 'configmap', inMemory: false, read: () => from.configMap(pod, configMap, configMap.defaultMode) };
    if (secret) return { plugin: 'secret', inMemory: true, read: () => from.secret(pod, { ...secret, name: secret.secretName }, secret.defaultMode) };
    if (downwardAPI) return { plugin: 'downward-api', inMemory: true, read: async () => from.downwardApi(pod, downwardAPI.items, downwardAPI.defaultMode) };
    if (projected) return { plugin: 'projected', inMemory: true, read: () => from.projected(pod, projected) };
    throw new Error(`volume kind "${kindOf(rest)}" is not supported yet`);
  }

  /** What a running pod has already, stays as it is when it cannot be read anew: its containers must restart. */
  async #prepareProjection(pod: Pod, name: string, { plugin, inMemory, read }: Projection): Promise<() => Promise<string>> {
    const path = this.#options.paths.volume(uidOf(pod), plugin, name);
    try {
      const payload = await read();
      return () => this.#setUpProjection(pod, { name, path, inMemory, payload });
    } catch (error) {
      if (!(await isWritten(path))) throw error;
      return () => Promise.resolve(path);
    }
  }

  async #setUpProjection(pod: Pod, { name, path, inMemory, payload }: { name: string; path: string; inMemory: boolean; payload: Payload }): Promise<string> {
    await mkdir(path, { recursive: true });
    if (inMemory) await this.#options.mounter.mountTmpfs(path, 0n);
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
    const ready = paths.volumeReady(uidOf(pod), 'empty-dir', name);
    const isMade = (await mkdir(path, { recursive: true })) !== undefined;
    const isMounted = medium === 'Memory' && (await mounter.mountTmpfs(path, sizeLimit === undefined ? 0n : quantityToBytes(sizeLimit)));
    // From its first container on the volume is the pod's, its mode too.
    if (!isMade && !isMounted && existsSync(ready)) return path;
    await openToAll(path);
    const fsGroup = pod.spec.securityContext?.fsGroup;
    if (fsGroup !== undefined) await giveToGroup(path, fsGroup, false);
    await mkdir(dirname(ready), { recursive: true });
    await writeFile(ready, '');
    return path;
  }
}

async function naming<T>({ name }: Volume, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VolumeError(`MountVolume.SetUp failed for volume "${name}" : ${reason}`, { cause });
  }
}

function kindOf(volume: Volume): string {
  return Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';
}
