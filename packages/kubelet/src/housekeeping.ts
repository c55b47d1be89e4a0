import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removePodLogs } from '@podling/cri';
import type { Pod } from '@podling/shared/api';
import type { Clock, Logger, Timer } from '@podling/shared/util';
import type { PodCgroups } from './cm/pod-cgroups.ts';
import type { PodManager } from './pod/pod-manager.ts';
import type { PodWorkers } from './pod/pod-workers.ts';
import type { PodPaths } from './runtime/pod-paths.ts';
import type { RuntimePod } from './runtime/runtime.ts';
import type { StatusCache } from './runtime/status-cache.ts';

export interface HousekeepingOptions {
  statuses: Pick<StatusCache, 'listPods'>;
  pods: Pick<PodManager, 'get'>;
  workers: Pick<PodWorkers, 'has' | 'removeOrphan'>;
  paths: PodPaths;
  cgroups: Pick<PodCgroups, 'listUids' | 'remove' | 'removeEmpty'>;
  clock: Clock;
  logger: Logger;
  tearDownVolumes: (uid: string) => Promise<void>;
}

const debounceMs = 1_000;
const periodMs = 5 * 60_000;

/**
 * Ends and removes what no pod of the apiserver accounts for: containers, cgroups, directories, logs. Started only after the
 * first full list from the apiserver: before it every pod would look like an orphan. Upstream twin: kubelet `HandlePodCleanups`.
 */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #started = false;
  /** Since the pass under way has begun. */
  #asked = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#started = true;
    this.#schedule(0);
  }

  /** Something unknown was seen in the runtime. */
  soon(): void {
    this.#asked = true;
    this.#schedule(debounceMs);
  }

  async stop(): Promise<void> {
    this.#started = false;
    this.#timer?.cancel();
    await this.#running;
  }

  #schedule(delayMs: number): void {
    const dueMs = this.#options.clock.monotonic() + delayMs;
    if (dueMs >= this.#dueMs || !this.#started) return;
    this.#dueMs = dueMs;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimeout(() => void (this.#running = this.#pass()), delayMs);
  }

  async #pass(): Promise<void> {
    let nextMs = periodMs;
    this.#asked = false;
    try {
      await this.#cleanUp();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'housekeeping failed');
      nextMs = 5_000;
    }
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#schedule(this.#asked ? debounceMs : nextMs);
  }

  async #cleanUp(): Promise<void> {
    const { statuses, workers, logger } = this.#options;
    const running = await statuses.listPods();
    for (const pod of running) {
      if (this.#isKnown(pod.uid)) continue;
      logger.info({ pod: pod.name, namespace: pod.namespace, uid: pod.uid }, 'removing orphaned pod');
      workers.removeOrphan(podOf(pod));
    }
    const uids = new Set(running.map(({ uid }) => uid));
    const stuck = await this.#removeCgroups(uids);
    await this.#removeDirectories(uids.union(stuck));
  }

  /** One that cannot go yet holds up nothing else. Returns those. */
  async #removeCgroups(running: ReadonlySet<string>): Promise<Set<string>> {
    const { cgroups, logger } = this.#options;
    const stuck = new Set<string>();
    for (const uid of new Set(await cgroups.listUids())) {
      // Each is looked at when it is its turn: the others may have taken a while.
      if (running.has(uid) || this.#isKnown(uid)) continue;
      await this.#removeCgroup(uid).catch((error: unknown) => {
        logger.warn({ err: error, uid }, 'cannot remove the cgroup of a pod that is gone');
        this.#asked = true;
        stuck.add(uid);
      });
    }
    return stuck;
  }

  /**
   * Processes that the runtime knows nothing of end with their cgroup, if the pod's folder says that it was this kubelet's:
   * another kubelet may have been given the same place in the tree.
   */
  async #removeCgroup(uid: string): Promise<void> {
    const { cgroups, paths, logger } = this.#options;
    if (existsSync(paths.podDir(uid))) return cgroups.remove(uid);
    if (!(await cgroups.removeEmpty(uid))) logger.warn({ uid }, 'processes run in the cgroup of a pod that is not of this kubelet: left alone');
  }

  async #removeDirectories(kept: ReadonlySet<string>): Promise<void> {
    const { paths, tearDownVolumes } = this.#options;
    const orphaned = (uid: string): boolean => !kept.has(uid) && !this.#isKnown(uid);
    for (const uid of (await readdir(paths.podsRoot)).filter(orphaned)) {
      await tearDownVolumes(uid);
      await rm(paths.podDir(uid), { recursive: true, force: true });
    }
    for (const name of await readdir(paths.logRoot)) {
      const uid = /^[^_]+_[^_]+_([^_]+)$/.exec(name)?.[1];
      if (uid !== undefined && orphaned(uid)) await removePodLogs(join(paths.logRoot, name));
    }
  }

  #isKnown(uid: string): boolean {
    return this.#options.pods.get(uid) !== undefined || this.#options.workers.has(uid);
  }
}

/** What can be told of a pod whose object is gone. */
function podOf({ uid, name, namespace }: RuntimePod): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, uid }, spec: { containers: [] } };
}
