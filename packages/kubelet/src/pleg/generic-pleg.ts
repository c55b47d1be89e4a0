import type { Clock, Logger, Timer } from '@podling/shared/util';
import type { RuntimePod } from '../runtime/runtime.ts';
import { formatDuration } from './format-duration.ts';
import type { Pleg, PodChanged } from './pleg.ts';
import type { PlegMetrics } from './pleg-metrics.ts';

export interface GenericPlegOptions {
  listPods: () => Promise<RuntimePod[]>;
  onChange: PodChanged;
  metrics: PlegMetrics;
  clock: Clock;
  logger: Logger;
  relistPeriodMs: number;
}

export type PeriodicListener = (changed: readonly string[], recovered: boolean) => void;

/** How long a relist may be overdue before the node is no place for pods. */
const thresholdMs = 3 * 60_000;
/** After a relist that failed: the runtime may be back at any time. */
const retryMs = 5_000;
/** A list that takes longer has failed. */
const listTimeoutMs = 120_000;

/** Finds changes by comparing whole lists: slow, and sure. */
export class GenericPleg implements Pleg {
  readonly #options: GenericPlegOptions;
  #signatures = new Map<string, string>();
  #timer: Timer | undefined;
  #periodMs: number;
  readonly #ending = new AbortController();
  #relisting: Promise<string[]> | undefined;
  /** When the last relist that succeeded began. */
  #lastRelistMs: number | undefined;
  #startedMs = 0;
  /** The last periodic relist did. */
  #failed = false;
  #onPeriodic: PeriodicListener = () => undefined;

  constructor(options: GenericPlegOptions) {
    this.#options = options;
    this.#periodMs = options.relistPeriodMs;
  }

  start(): void {
    this.#startedMs = this.#options.clock.monotonic();
    this.#schedule(this.#periodMs);
  }

  /** From now on; default: the period it was made with. */
  relistEvery(periodMs = this.#options.relistPeriodMs): void {
    if (periodMs === this.#periodMs) return;
    this.#periodMs = periodMs;
    this.#timer?.cancel();
    this.#schedule(periodMs);
  }

  async stop(): Promise<void> {
    this.#ending.abort(new Error('the PLEG stops'));
    this.#timer?.cancel();
    await this.#relisting?.catch(() => undefined);
  }

  /** Is told what each periodic relist has found, and whether the one before had failed. */
  onPeriodic(listener: PeriodicListener): void {
    this.#onPeriodic = listener;
  }

  /** In the words of the node's condition; the first relist has as much time as every other. */
  problem(): string | undefined {
    const elapsedMs = this.#options.clock.monotonic() - (this.#lastRelistMs ?? this.#startedMs);
    if (elapsedMs <= thresholdMs) return undefined;
    if (this.#lastRelistMs === undefined) return 'pleg has yet to be successful';
    return `pleg was last seen active ${formatDuration(elapsedMs)} ago; threshold is ${formatDuration(thresholdMs)}`;
  }

  /** One comparison now; resolves to what has changed. A second caller gets one that starts after its call. */
  async relist(): Promise<string[]> {
    await this.#relisting?.catch(() => undefined);
    this.#relisting ??= this.#relist().finally(() => (this.#relisting = undefined));
    return this.#relisting;
  }

  async #relist(): Promise<string[]> {
    const { clock, metrics, onChange } = this.#options;
    const startedMs = clock.monotonic();
    const pods = await this.#listPods();
    this.#lastRelistMs = startedMs;
    metrics.relisted(startedMs, clock.monotonic(), clock.now());
    const signatures = new Map(pods.map((pod) => [pod.uid, signatureOf(pod)]));
    const before = this.#signatures;
    this.#signatures = signatures;
    const uids = new Set([...before.keys(), ...signatures.keys()]);
    const changed = [...uids].filter((uid) => before.get(uid) !== signatures.get(uid));
    for (const uid of changed) onChange(uid);
    return changed;
  }

  async #listPods(): Promise<RuntimePod[]> {
    const { clock, listPods } = this.#options;
    const answered = new AbortController();
    const overdue = clock.sleep(listTimeoutMs, AbortSignal.any([answered.signal, this.#ending.signal])).then(() => Promise.reject(new Error('the runtime does not answer')));
    overdue.catch(() => undefined);
    try {
      return await Promise.race([listPods(), overdue]);
    } finally {
      answered.abort();
    }
  }

  #schedule(delayMs: number): void {
    if (this.#ending.signal.aborted) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimeout(() => void this.#tick(), delayMs);
  }

  async #tick(): Promise<void> {
    const recovered = this.#failed;
    try {
      const changed = await this.relist();
      this.#failed = false;
      this.#onPeriodic(changed, recovered);
    } catch (error) {
      if (!this.#ending.signal.aborted && !this.#failed) this.#options.logger.warn({ err: error }, 'relist failed');
      this.#failed = true;
    }
    this.#schedule(this.#failed ? Math.min(retryMs, this.#periodMs) : this.#periodMs);
  }
}

function signatureOf({ sandboxes, containers }: RuntimePod): string {
  return [...sandboxes, ...containers].map(({ id, state }) => `${id}=${state}`).sort().join(' ');
}
