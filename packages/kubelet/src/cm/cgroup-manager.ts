import { existsSync } from 'node:fs';
import { readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Clock } from '@podling/shared/util';
import { cgroupV1 } from './cgroup-v1.ts';
import { cgroupV2 } from './cgroup-v2.ts';
import type { CgroupLayout, ResourceConfig, Setting } from './resource-config.ts';

const systemMount = '/sys/fs/cgroup';
const killAttempts = 20;
const killPauseMs = 25;

/** cgroup v2 where the mount itself is a cgroup, else v1. */
function cgroupLayout(mount = systemMount): CgroupLayout {
  return existsSync(join(mount, 'cgroup.controllers')) ? cgroupV2(mount) : cgroupV1(mount);
}

/**
 * Cgroups by path, on either version; it keeps nothing in mind and every step may be repeated. A cgroup, or a limit of it,
 * that the kernel does not have is not missed. Upstream twin: cm `CgroupManager`.
 */
export class CgroupManager {
  readonly version: 1 | 2;
  readonly #layout: CgroupLayout;
  readonly #mount: string;
  readonly #clock: Clock;

  constructor(clock: Clock, mount = systemMount) {
    this.#layout = cgroupLayout(mount);
    this.version = this.#layout.version;
    this.#mount = mount;
    this.#clock = clock;
  }

  /** Makes the cgroup if it is not there, and sets it to what `config` says. */
  async set(path: string, config: ResourceConfig): Promise<void> {
    const settings = this.#layout.settings(path, config);
    await this.#layout.make(path, settings);
    await this.#write(settings);
  }

  /** Sets what of this is more than the cgroup has. */
  async widen(path: string, config: ResourceConfig): Promise<void> {
    const settings = this.#layout.settings(path, config);
    const wider = await Promise.all(settings.map(async ({ file, amount }) => {
      const present = await readFile(join(this.#mount, file), 'utf8').catch(() => undefined);
      return present !== undefined && amount > limitOf(present);
    }));
    await this.#write(settings.filter((_, index) => wider[index]));
  }

  exists(path: string): boolean {
    return this.#layout.folders(path).some((folder) => existsSync(folder));
  }

  /** Memory in use by all of it; 0 when nobody can tell. */
  async memoryUsageBytes(path: string): Promise<number> {
    return readFile(this.#layout.memoryUsageFile(path), 'utf8').then(Number, () => 0);
  }

  /** The last parts of the paths of those right below, in any hierarchy. */
  async children(path: string): Promise<string[]> {
    const lists = await Promise.all(this.#layout.folders(path).map((folder) => foldersIn(folder)));
    return [...new Set(lists.flat().map((folder) => basename(folder)))];
  }

  /** Removes it with all below. Processes that are still in it are killed; fails while one of them does not end. */
  async remove(path: string): Promise<void> {
    for (const folder of this.#layout.folders(path)) await this.#removeTree(folder);
  }

  /** Removes it with all below, unless there are processes: false then. */
  async removeEmpty(path: string): Promise<boolean> {
    const folders = this.#layout.folders(path);
    const populated = await Promise.all(folders.map(hasProcesses));
    if (populated.includes(true)) return false;
    for (const folder of folders) await removeFolders(folder);
    return true;
  }

  async #write(settings: readonly Setting[]): Promise<void> {
    for (const { file, value } of settings) await writeIfThere(join(this.#mount, file), value);
  }

  async #removeTree(folder: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await removeFolders(folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || attempt === killAttempts) throw error;
        await killProcesses(folder);
        await this.#clock.sleep(killPauseMs);
      }
    }
  }
}

/** Of `max`, `-1` or a number; of several the first counts. */
function limitOf(text: string): number {
  const [word = ''] = text.trim().split(/\s+/);
  const number = Number(word);
  return word === 'max' || number < 0 ? Number.POSITIVE_INFINITY : number;
}

async function writeIfThere(file: string, value: string): Promise<void> {
  await writeFile(file, value, { flag: 'r+' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}

/** Children first: a cgroup with children cannot go. */
async function removeFolders(folder: string): Promise<void> {
  for (const child of await foldersIn(folder)) await removeFolders(child);
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

async function killProcesses(folder: string): Promise<void> {
  for (const child of await foldersIn(folder)) await killProcesses(child);
  for (const pid of await processesIn(folder)) if (pid > 1 && pid !== process.pid) kill(pid);
}

/** Those of other PID namespaces are 0. */
async function processesIn(folder: string): Promise<number[]> {
  const pids = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  return pids.split('\n').filter(Boolean).map(Number);
}

async function hasProcesses(folder: string): Promise<boolean> {
  const below = await Promise.all((await foldersIn(folder)).map(hasProcesses));
  return below.includes(true) || (await processesIn(folder)).length > 0;
}

/** One that has ended meanwhile is fine. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
