import { watch, type FSWatcher } from 'node:fs';
import { constants, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { configSeenAnnotation, keyOf, uidOf, type Pod } from '@podling/shared/api';
import { unlessAborted, type Clock, type Logger, type Timer } from '@podling/shared/util';
import { errorText } from '../runtime/error-text.ts';
import { readStaticPod, StaticPodError } from './static-pod.ts';

export interface FileSourceOptions {
  /** A folder, or one file. */
  path: string;
  nodeName: string;
  checkPeriodMs: number;
  clock: Clock;
  logger: Logger;
  /** All pods that the files ask for now; called with each full look. */
  onPods: (pods: Pod[]) => void;
  /** A file cannot be used; told once for each reason. */
  onProblem: (path: string, message: string) => void;
}

const settleMs = 100;
const maxBytes = 10 * 1024 * 1024;

/**
 * The pods of a folder of files, looked at whenever something in it changes and every `checkPeriodMs`.
 *
 * Promises: a file that is no pod, or that cannot be read, hurts no other; while it stays so, what it asked for last
 * stays. Of two files with the same pod name the first in alphabetical order counts. Links are followed to plain files
 * and to nothing else; names that begin with a dot are passed over. A folder that is not there is an empty one; one that
 * cannot be read changes nothing. Upstream twin: kubelet `config.NewSourceFile`.
 */
export class FileSource {
  readonly #options: FileSourceOptions;
  /** What each file asked for when it last made sense. */
  #known = new Map<string, Pod>();
  #problems = new Map<string, string>();
  #watcher: FSWatcher | undefined;
  #timer: Timer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;
  readonly #first = Promise.withResolvers<void>();

  constructor(options: FileSourceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#look();
  }

  /** Resolves after the first look that could see the folder; rejects when the signal aborts. */
  async waitForSync(signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#first.promise, signal);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#watcher?.close();
    await this.#looking;
  }

  #look(): void {
    this.#timer?.cancel();
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#looking = this.#looking.then(() => this.#pass()).finally(() => this.#schedule(this.#options.checkPeriodMs));
  }

  /** At the latest: a look that is due earlier stays, so that neither changes without end nor the period put it off. */
  #schedule(delayMs: number): void {
    const dueMs = this.#options.clock.monotonic() + delayMs;
    if (this.#stopped || dueMs >= this.#dueMs) return;
    this.#dueMs = dueMs;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimeout(() => this.#look(), delayMs);
  }

  async #pass(): Promise<void> {
    const { path, logger, onPods } = this.#options;
    if (this.#stopped) return;
    this.#watch();
    try {
      const pods = await this.#read(await listFiles(path));
      if (this.#stopped) return;
      onPods(pods);
      this.#first.resolve();
    } catch (error) {
      logger.error({ err: error, path }, 'unable to read the path of static pods');
    }
  }

  /** A watch that cannot be set up, or that breaks, is tried again with the next look. */
  #watch(): void {
    if (this.#watcher) return;
    try {
      const watcher = watch(this.#options.path, { persistent: false }, (event) => {
        if (event === 'rename') this.#unwatch(watcher);
        this.#schedule(settleMs);
      });
      watcher.on('error', () => this.#unwatch(watcher));
      this.#watcher = watcher;
    } catch (error) {
      this.#options.logger.debug({ err: error, path: this.#options.path }, 'static pods are not watched, only looked at');
    }
  }

  /** What is watched is an inode: after a rename it may be another one that has the name. */
  #unwatch(watcher: FSWatcher): void {
    watcher.close();
    if (this.#watcher === watcher) this.#watcher = undefined;
  }

  async #read(paths: readonly string[]): Promise<Pod[]> {
    const known = new Map<string, Pod>();
    const problems = new Map<string, string>();
    const owners = new Map<string, string>();
    for (const path of paths) {
      const pod = await this.#readOne(path, problems);
      if (pod === undefined) continue;
      const owner = owners.get(keyOf(pod)) ?? owners.get(uidOf(pod));
      if (owner !== undefined) problems.set(path, `pod ${keyOf(pod)} is already defined by ${owner}`);
      if (owner !== undefined) continue;
      for (const key of [keyOf(pod), uidOf(pod)]) owners.set(key, path);
      known.set(path, pod);
    }
    this.#tell(problems);
    this.#known = known;
    return [...known.values()];
  }

  async #readOne(path: string, problems: Map<string, string>): Promise<Pod | undefined> {
    const { nodeName, clock, logger } = this.#options;
    const last = this.#known.get(path);
    try {
      const { pod, unknownFields } = readStaticPod(await readFileSafely(path), { path, nodeName, nowMs: clock.now() });
      if (last !== undefined && uidOf(last) === uidOf(pod)) return withAnnotationsOf(last, pod);
      if (unknownFields.length > 0) logger.warn({ path, unknownFields }, 'fields of a static pod that are not known');
      return pod;
    } catch (error) {
      if (isMissing(error)) return undefined;
      problems.set(path, errorText(error));
      return last;
    }
  }

  #tell(problems: Map<string, string>): void {
    for (const [path, message] of problems) if (this.#problems.get(path) !== message) this.#options.onProblem(path, message);
    this.#problems = problems;
  }
}

/** When the pod was first seen does not change. */
function withAnnotationsOf(last: Pod, pod: Pod): Pod {
  const annotations = { ...pod.metadata.annotations, [configSeenAnnotation]: last.metadata.annotations?.[configSeenAnnotation] ?? '' };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function listFiles(path: string): Promise<string[]> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) return [path];
    const names = await readdir(path);
    return names.filter((name) => !name.startsWith('.')).sort().map((name) => join(path, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** No device is opened, no pipe makes this wait, no file fills the memory. */
async function readFileSafely(path: string): Promise<Buffer> {
  if (!(await stat(path)).isFile()) throw new StaticPodError('not a plain file');
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    const { size } = found;
    if (!found.isFile()) throw new StaticPodError('not a plain file');
    if (size > maxBytes) throw new StaticPodError(`${size} bytes are more than the limit of ${maxBytes}`);
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
