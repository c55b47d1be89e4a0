import { uidOf, type Pod, type Volume } from '@podling/shared/api';
import { settleAll, type Clock } from '@podling/shared/util';
import type { PodEvents } from '../pod-events.ts';
import type { MountedVolume, MountedVolumes } from '../runtime/container-mounts.ts';
import { EmptyDirs } from './empty-dirs.ts';
import { FileVolumes, type FileVolumesOptions } from './file-volumes.ts';
import { setUpHostPath } from './host-path.ts';
import { removeTree } from './remove-tree.ts';
import { objectReferences } from './volume-references.ts';
import { VolumeUpdater } from './volume-updater.ts';

/** A volume is not there; the pod waits in ContainerCreating, the user reads the message, the kubelet tries again. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

export interface VolumeManagerOptions extends FileVolumesOptions {
  events: Pick<PodEvents, 'pod'>;
  clock: Clock;
  /** Volumes could not be prepared, and something they are made of has changed since. */
  onNews: (uid: string) => void;
}

/**
 * Prepares a pod's volumes, keeps their files as the API's objects are while the pod runs, and takes them away again;
 * all idempotent. Called by sync-pod before containers start, on each pass, and when the pod has ended.
 * Upstream twin: kubelet `VolumeManager`.
 */
export class VolumeManager {
  readonly #options: VolumeManagerOptions;
  readonly #files: FileVolumes;
  readonly #emptyDirs: EmptyDirs;
  readonly #updater: VolumeUpdater;
  /** Pods that have found something missing. */
  readonly #waiting = new Set<string>();

  constructor(options: VolumeManagerOptions) {
    this.#options = options;
    this.#files = new FileVolumes(options);
    this.#emptyDirs = new EmptyDirs({ ...options, nodeMemoryBytes: options.nodeAllocatable.memoryBytes });
    this.#updater = new VolumeUpdater({
      clock: options.clock,
      refresh: (pod) => this.#refresh(pod),
      dueMs: (pod) => this.#files.dueMs(pod),
      onFailure: (pod, { message }) => options.events.pod(pod, 'Warning', 'FailedMount', message),
    });
  }

  /**
   * Finds out what is in the pod's volumes, all at once; the answer puts it in place. Apart, so that the work on the
   * node does not hold up the sandbox, and no sandbox is made for a pod whose objects are missing. Both fail with a
   * `VolumeError` that names the first volume that cannot be set up.
   */
  async prepare(pod: Pod): Promise<() => Promise<MountedVolumes>> {
    const uid = uidOf(pod);
    const volumes = pod.spec.volumes ?? [];
    this.#updater.observe(pod);
    // What is read now is asked for first: the pod waits for it.
    const finding = this.#find(pod, volumes);
    this.#watch(pod);
    const { changes, prepared } = await finding;
    this.#waiting.delete(uid);
    return () => this.#updater.mount(uid, changes, async () => {
      const mounted = await settleAll(volumes.map((volume, index) => naming(volume, async () => prepared[index]?.())));
      return new Map(volumes.flatMap(({ name }, index) => (mounted[index] ? [[name, mounted[index]]] : [])));
    });
  }

  /** The pod as it is now. What runs of it since before this kubelet is found again, and kept up to date too. */
  async keep(pod: Pod): Promise<void> {
    const uid = uidOf(pod);
    if (this.#updater.isObserved(uid)) return this.#updater.observe(pod);
    const volumes = this.#files.of(pod);
    const found = await Promise.all(volumes.map((volume) => this.#files.find(pod, volume)));
    if (volumes.length === 0 || !found.every(Boolean)) return;
    this.#updater.observe(pod);
    this.#watch(pod);
    await this.#updater.found(uid);
  }

  /** Removes the pod's own volumes with their content; what lies behind a hostPath stays. */
  async tearDown(uid: string): Promise<void> {
    const { paths, mounter, watches, tokens } = this.#options;
    watches.forgetPod(uid);
    this.#waiting.delete(uid);
    await this.#updater.forget(uid);
    tokens.forgetPod(uid);
    // What is mounted anywhere in the pod's folder, by us or by a container, is not to be emptied.
    await mounter.unmountBelow(paths.podDir(uid));
    for (const own of [paths.volumesDir(uid), paths.subPathsDir(uid), paths.pluginsDir(uid)]) await removeTree(own);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#options.watches.stop(), this.#updater.stop()]);
  }

  /** From here on no change is missed. */
  #watch(pod: Pod): void {
    const uid = uidOf(pod);
    const references = (pod.spec.volumes ?? []).flatMap((volume) => objectReferences(pod, volume));
    this.#options.watches.setReferences(uid, references, () => {
      this.#updater.changed(uid);
      if (this.#waiting.delete(uid)) this.#options.onNews(uid);
    });
  }

  /** With how many changes there were before. What comes while the rest is read is looked for once more: nobody would tell of it again. */
  async #find(pod: Pod, volumes: readonly Volume[]): Promise<{ changes: number; prepared: (() => Promise<MountedVolume>)[] }> {
    const uid = uidOf(pod);
    for (let isFirst = true; ; isFirst = false) {
      const changes = this.#updater.changesOf(uid);
      try {
        return { changes, prepared: await settleAll(volumes.map((volume) => naming(volume, () => this.#prepare(pod, volume)))) };
      } catch (error) {
        if (isFirst && this.#updater.changesOf(uid) !== changes) continue;
        this.#waiting.add(uid);
        throw error;
      }
    }
  }

  async #refresh(pod: Pod): Promise<void> {
    await settleAll(this.#files.of(pod).map((volume) => naming(volume, () => this.#files.refresh(pod, volume))));
  }

  async #prepare(pod: Pod, volume: Volume): Promise<() => Promise<MountedVolume>> {
    const { name, hostPath, emptyDir } = volume;
    if (hostPath) {
      const path = await setUpHostPath(hostPath);
      return () => Promise.resolve({ hostPath: path, readOnly: false });
    }
    if (emptyDir) return async () => ({ hostPath: await this.#emptyDirs.setUp(pod, name, emptyDir), readOnly: false });
    const path = await this.#files.prepare(pod, volume);
    return async () => ({ hostPath: await path(), readOnly: true });
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
