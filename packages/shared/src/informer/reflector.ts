import { isExpired } from '../api/errors.ts';
import type { KubeList, KubeObject } from '../api/index.ts';
import type { ListOptions, ResourceClient, WatchEvent, WatchStream } from '../client/client.ts';
import { exponentialBackoff } from '../util/backoff.ts';
import type { Backoff } from '../util/backoff.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';

/** Where a reflector writes what it hears. */
export interface ReflectorStore<T> {
  /** The whole content after a list. */
  replace(objects: T[]): void;
  set(object: T): void;
  delete(object: T): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  client: Pick<ResourceClient<T>, 'path' | 'list' | 'watch'>;
  listOptions: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>;
  store: ReflectorStore<T>;
  clock: Clock;
  logger: Logger;
  random?: () => number;
  /** Called with each failure of a list or watch: from here to the next answer the store may lag. */
  onDisruption?: (error: unknown) => void;
}

const initialBackoffMs = 200;
/** With an attempt of at most 4 s a lost server is found again within 5 s of its return. */
const maxBackoffMs = 3_000;
/** A watch that ends sooner without an event counts as a failure, or a broken server would be asked in a busy loop. */
const shortestGoodWatchMs = 1_000;

/**
 * Lists once, then watches for ever; resumes a broken watch from the last resourceVersion and lists again only when the
 * server says that one is gone (410). Never gives up. Upstream twin: client-go `cache.Reflector`.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: Backoff;
  #resourceVersion = '';
  #watch: WatchStream<T> | undefined;
  #listedAfterExpiry = false;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#backoff = exponentialBackoff({
      initialMs: initialBackoffMs,
      maxMs: maxBackoffMs,
      jitter: 0.2,
      ...(options.random ? { random: options.random } : {}),
    });
  }

  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  /** Runs until the signal aborts; does not throw. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#watch?.close(), { once: true });
    while (!signal.aborted) {
      const startedMs = this.#options.clock.monotonic();
      const wentWell = await this.#attempt(signal);
      if (wentWell) this.#backoff.reset();
      else await this.#pause(startedMs, signal);
    }
  }

  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { clock, logger, client } = this.#options;
    const startedMs = clock.monotonic();
    try {
      if (this.#resourceVersion === '') await this.#list(signal);
      const events = signal.aborted ? 0 : await this.#watchOnce();
      return events > 0 || clock.monotonic() - startedMs >= shortestGoodWatchMs;
    } catch (error) {
      if (signal.aborted) return true;
      this.#options.onDisruption?.(error);
      logger.warn({ ...reasonOf(error), path: client.path, rv: this.#resourceVersion }, 'list or watch broke, will resume');
      return this.#mayListAtOnce(error);
    }
  }

  /** After a 410 the server is known to be there: no pause, unless it says so twice in a row. */
  #mayListAtOnce(error: unknown): boolean {
    if (!isExpired(error)) return false;
    const isFirst = this.#resourceVersion !== '' && !this.#listedAfterExpiry;
    this.#resourceVersion = '';
    this.#listedAfterExpiry = true;
    return isFirst;
  }

  /** Waits so that attempts start at least one back-off apart: a slow failure is not waited for twice. */
  async #pause(startedMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const elapsedMs = clock.monotonic() - startedMs;
    if (elapsedMs > maxBackoffMs) this.#backoff.reset();
    const delayMs = this.#backoff.next() - elapsedMs;
    await clock.sleep(Math.max(delayMs, 0), signal).catch(() => undefined);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, listOptions, store } = this.#options;
    const list = await client.list(listOptions, signal);
    if (signal.aborted) return;
    store.replace(withKind(list));
    this.#resourceVersion = list.metadata.resourceVersion ?? '';
  }

  /** Returns the number of events seen when the server ends the watch in good order. */
  async #watchOnce(): Promise<number> {
    const { client, listOptions } = this.#options;
    const watch = client.watch({ ...listOptions, resourceVersion: this.#resourceVersion, allowWatchBookmarks: true });
    this.#watch = watch;
    let events = 0;
    try {
      for await (const event of watch) {
        events += 1;
        this.#handle(event);
      }
    } finally {
      watch.close();
    }
    return events;
  }

  #handle(event: WatchEvent<T>): void {
    const { store } = this.#options;
    if (event.type === 'ERROR') return;
    if (event.type === 'DELETED') store.delete(event.object);
    else if (event.type !== 'BOOKMARK') store.set(event.object);
    this.#backoff.reset();
    this.#listedAfterExpiry = false;
    this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
  }
}

/** A server that is away is told in one line; anything else with its stack. */
function reasonOf(error: unknown): Record<string, unknown> {
  const isExpected = isExpired(error) || (error instanceof Error && error.name === 'ConnectionError');
  return isExpected ? { why: (error as Error).message } : { err: error };
}

/** Items of a list may omit their kind, which events and references need. */
function withKind<T extends KubeObject>(list: KubeList<T>): T[] {
  const { apiVersion, kind } = list;
  if (kind === undefined || !kind.endsWith('List')) return list.items;
  const itemKind = kind.slice(0, -'List'.length);
  return list.items.map((item) => (item.kind === undefined ? { apiVersion, kind: itemKind, ...item } : item));
}
