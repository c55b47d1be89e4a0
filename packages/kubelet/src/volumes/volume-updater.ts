import { isDeepStrictEqual } from 'node:util';
import { uidOf, type Pod } from '@podling/shared/api';
import { exponentialBackoff, type Backoff, type Clock, type Timer } from '@podling/shared/util';

export interface VolumeUpdaterOptions {
  clock: Clock;
  /** Brings a pod's volumes up to what is known. */
  refresh: (pod: Pod) => Promise<void>;
  /** When a pod's volumes need a refresh though nothing changes, by the monotonic clock; infinite if never. */
  dueMs: (pod: Pod) => number;
  /** A refresh has failed, with something else than the time before; it is tried again. */
  onFailure: (pod: Pod, error: Error) => void;
}

interface Entry {
  pod: Pod;
  /** All work on the pod's folders, one after the other. */
  last: Promise<void>;
  /** Set up, so that there is something to keep up to date. */
  mounted: boolean;
  /** How often something was heard that could be news. */
  changes: number;
  /** A refresh waits its turn: it will see all that is known by then. */
  queued: boolean;
  timer: Timer | undefined;
  backoff: Backoff;
  lastFailure: string;
}

const shortestWaitMs = 1_000;
/** A token may be due earlier than was thought: the machine has slept, or its clock was set. */
const longestWaitMs = 5 * 60_000;
const stopPatienceMs = 2_000;

/**
 * When pods' volumes are brought up to date: on each change of what they are made of, and when a token is due; one
 * refresh of a pod at a time, and all changes meanwhile make one more. A failed one is tried again after 0.5 s,
 * doubling to 2 min.
 */
export class VolumeUpdater {
  readonly #options: VolumeUpdaterOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: VolumeUpdaterOptions) {
    this.#options = options;
  }

  /** The pod as it is now; from the first call on changes are counted. */
  observe(pod: Pod): void {
    const entry = this.#entries.get(uidOf(pod));
    if (entry === undefined) {
      this.#entries.set(uidOf(pod), newEntry(pod));
      return;
    }
    const isNews = !isDeepStrictEqual(shownOf(entry.pod), shownOf(pod));
    entry.pod = pod;
    if (isNews) this.changed(uidOf(pod));
  }

  isObserved(uid: string): boolean {
    return this.#entries.has(uid);
  }

  /** To be told to `mount` with what was read after it. */
  changesOf(uid: string): number {
    return this.#entries.get(uid)?.changes ?? 0;
  }

  changed(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry === undefined) return;
    entry.changes += 1;
    if (entry.mounted) this.#refreshSoon(entry);
  }

  /** Sets up what was read when there were so many `changes`, and keeps it up to date from then on. */
  async mount<T>(uid: string, changes: number, work: () => Promise<T>): Promise<T> {
    const entry = this.#entries.get(uid);
    if (entry === undefined) throw new Error(`the volumes of pod ${uid} are taken down`);
    return inTurn(entry, async () => {
      const done = await work();
      entry.mounted = true;
      if (entry.changes === changes) this.#wakeWhenDue(entry);
      else this.#refreshSoon(entry);
      return done;
    });
  }

  /** The volumes are set up, and nobody knows from what. */
  async found(uid: string): Promise<void> {
    await this.mount(uid, -1, () => Promise.resolve());
  }

  /** Keeps nothing of the pod; resolves when nothing is under way. */
  async forget(uid: string): Promise<void> {
    const entry = this.#entries.get(uid);
    this.#entries.delete(uid);
    entry?.timer?.cancel();
    await entry?.last;
  }

  /** Waits for what is under way, but not for an apiserver that does not answer. */
  async stop(): Promise<void> {
    const done = new AbortController();
    const all = Promise.all([...this.#entries.keys()].map((uid) => this.forget(uid)));
    await Promise.race([all, this.#options.clock.sleep(stopPatienceMs, done.signal).catch(() => undefined)]);
    done.abort();
  }

  #refreshSoon(entry: Entry): void {
    if (entry.queued || this.#isGone(entry)) return;
    entry.queued = true;
    entry.timer?.cancel();
    void inTurn(entry, () => this.#refresh(entry));
  }

  async #refresh(entry: Entry): Promise<void> {
    entry.queued = false;
    if (this.#isGone(entry)) return;
    try {
      await this.#options.refresh(entry.pod);
      entry.backoff.reset();
      entry.lastFailure = '';
      this.#wakeWhenDue(entry);
    } catch (error) {
      this.#failed(entry, error as Error);
    }
  }

  #failed(entry: Entry, error: Error): void {
    if (error.message !== entry.lastFailure && !this.#isGone(entry)) this.#options.onFailure(entry.pod, error);
    entry.lastFailure = error.message;
    this.#refreshIn(entry, entry.backoff.next());
  }

  #wakeWhenDue(entry: Entry): void {
    const dueMs = this.#options.dueMs(entry.pod);
    if (!Number.isFinite(dueMs)) return;
    const waitMs = dueMs + 1 - this.#options.clock.monotonic();
    if (waitMs > longestWaitMs) this.#setTimer(entry, longestWaitMs, () => this.#wakeWhenDue(entry));
    else this.#refreshIn(entry, Math.max(waitMs, shortestWaitMs));
  }

  #refreshIn(entry: Entry, delayMs: number): void {
    this.#setTimer(entry, delayMs, () => this.#refreshSoon(entry));
  }

  #setTimer(entry: Entry, delayMs: number, callback: () => void): void {
    entry.timer?.cancel();
    if (!this.#isGone(entry)) entry.timer = this.#options.clock.setTimeout(callback, delayMs);
  }

  #isGone(entry: Entry): boolean {
    return this.#entries.get(uidOf(entry.pod)) !== entry;
  }
}

function newEntry(pod: Pod): Entry {
  const backoff = exponentialBackoff({ initialMs: 500, maxMs: 120_000, jitter: 0.2 });
  return { pod, last: Promise.resolve(), mounted: false, changes: 0, queued: false, timer: undefined, backoff, lastFailure: '' };
}

function inTurn<T>(entry: Entry, work: () => Promise<T>): Promise<T> {
  const result = entry.last.then(work);
  entry.last = result.then(() => undefined, () => undefined);
  return result;
}

/** What of a pod its volumes can show. */
function shownOf({ spec, metadata }: Pod): unknown[] {
  return [metadata.labels, metadata.annotations, spec];
}
