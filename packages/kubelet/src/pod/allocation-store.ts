import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ResourceRequirements } from '@podling/shared/api';
import type { PendingRestart } from '../runtime/compute-resize.ts';
import type { PodPaths } from '../runtime/pod-paths.ts';

/** What a pod has been given. */
export interface Allocation {
  /** By container name; containers that cannot be resized are not in it. */
  containers: Record<string, ResourceRequirements>;
  /** What a resize has promised to restart. */
  restarts: PendingRestart[];
}

/** A file per pod in the pod's own folder: it goes with the pod. Written as a whole. */
export class AllocationStore {
  readonly #paths: PodPaths;

  constructor(paths: PodPaths) {
    this.#paths = paths;
  }

  /** What there is; a file that is no allocation counts as none. */
  async load(): Promise<Map<string, Allocation>> {
    const uids = await readdir(this.#paths.podsRoot).catch(() => []);
    const read = await Promise.all(uids.map(async (uid) => [uid, await this.#read(uid)] as const));
    return new Map(read.flatMap(([uid, allocation]) => (allocation ? [[uid, allocation] as const] : [])));
  }

  async save(uid: string, allocation: Allocation): Promise<void> {
    const file = this.#file(uid);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify(allocation), { flush: true });
    await rename(`${file}.new`, file);
  }

  async #read(uid: string): Promise<Allocation | undefined> {
    const text = await readFile(this.#file(uid), 'utf8').catch(() => '');
    try {
      const value: unknown = JSON.parse(text);
      return isAllocation(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  #file(uid: string): string {
    return join(this.#paths.podDir(uid), 'allocation.json');
  }
}

function isAllocation(value: unknown): value is Allocation {
  if (typeof value !== 'object' || value === null) return false;
  const { containers, restarts } = value as Partial<Allocation>;
  return typeof containers === 'object' && containers !== null && Array.isArray(restarts);
}
