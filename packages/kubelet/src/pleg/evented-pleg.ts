import { CriError, type ContainerEvent, type RuntimeService } from '@podling/cri';
import { Background, exponentialBackoff, type Clock, type Logger } from '@podling/shared/util';
import type { GenericPleg } from './generic-pleg.ts';
import type { Pleg, PodChanged } from './pleg.ts';
import type { PlegMetrics } from './pleg-metrics.ts';

export interface EventedPlegOptions {
  runtime: Pick<RuntimeService, 'events'>;
  generic: GenericPleg;
  onChange: PodChanged;
  /** The runtime answers again after it did not. */
  onBack: () => void;
  metrics: PlegMetrics;
  clock: Clock;
  logger: Logger;
}

/** A subscription may take hold a moment after the first list; a second one closes that gap. An event is no later than this either. */
const settleMs = 1_000;
/** Where there are no events, as Kubernetes' generic PLEG. */
const eventlessRelistPeriodMs = 1_000;
/** A runtime without events may be replaced by a newer one while the kubelet runs. */
const askAgainMs = 60_000;

/**
 * Passes the runtime's events on within milliseconds, with the slow relist behind it. A lost stream is subscribed to
 * again first and listed then, so that nothing falls between; so is one that has kept silent about what a relist found.
 * A runtime that has no events is looked through every second instead.
 */
export class EventedPleg implements Pleg {
  readonly #options: EventedPlegOptions;
  readonly #background = new Background('the PLEG', () => this.#run());
  /** Of whom events have told since the last periodic relist. */
  readonly #told = new Set<string>();
  #stream = new AbortController();
  #eventless = false;

  constructor(options: EventedPlegOptions) {
    this.#options = options;
  }

  start(): void {
    const { generic, onBack } = this.#options;
    generic.onPeriodic((changed, recovered) => {
      if (this.#eventless && recovered) onBack();
      void this.#compare(changed);
    });
    generic.start();
    this.#background.start();
  }

  async stop(): Promise<void> {
    const stopped = this.#background.stop();
    this.#stream.abort(new Error('the PLEG stops'));
    await this.#options.generic.stop();
    await stopped;
  }

  async #run(): Promise<void> {
    const { clock, logger, onBack, metrics } = this.#options;
    const backoff = exponentialBackoff({ initialMs: 200, maxMs: 1_000, jitter: 0.2 });
    let unanswered = 0;
    const onAlive = (): void => {
      metrics.connected();
      backoff.reset();
      if (unanswered > 1) onBack();
      unanswered = 0;
    };
    while (!this.#background.signal.aborted) {
      unanswered += 1;
      try {
        await this.#follow(onAlive);
      } catch (error) {
        if (this.#background.signal.aborted) return;
        metrics.connectionLost();
        if (error instanceof CriError && error.code === 'Unimplemented') this.#haveEvents(false);
        else if (unanswered <= 1 && !this.#eventless) logger.warn({ err: error }, 'runtime events lost, subscribing again');
      }
      await clock.sleep(this.#eventless ? askAgainMs : backoff.next(), this.#background.signal).catch(() => undefined);
    }
  }

  /** Says once what has changed. */
  #haveEvents(are: boolean): void {
    if (are === !this.#eventless) return;
    const { generic, logger } = this.#options;
    this.#eventless = !are;
    generic.relistEvery(are ? undefined : eventlessRelistPeriodMs);
    if (are) logger.info('the container runtime has container events now');
    else logger.warn({ relistPeriodMs: eventlessRelistPeriodMs }, 'the container runtime has no container events, relisting instead');
  }

  async #follow(onAlive: () => void): Promise<void> {
    this.#stream = new AbortController();
    if (this.#background.signal.aborted) return;
    const stream = this.#options.runtime.events(this.#stream.signal)[Symbol.asyncIterator]();
    let next = stream.next();
    const settled = this.#options.clock.setTimeout(() => {
      this.#haveEvents(true);
      void this.#relist();
    }, settleMs);
    let refused = false;
    next.catch(() => void (refused = true));
    try {
      await this.#options.generic.relist();
      if (refused) await next;
      onAlive();
      for (let result = await next; result.done !== true; result = await next) {
        this.#handle(result.value);
        next = stream.next();
      }
    } finally {
      settled.cancel();
      void stream.return?.();
    }
  }

  #handle(event: ContainerEvent): void {
    const { clock, metrics, onChange } = this.#options;
    metrics.eventSeen(clock.now() - event.timestampMs);
    const uid = event.podSandboxMetadata?.uid;
    if (uid === undefined) return void this.#relist();
    this.#told.add(uid);
    onChange(uid);
  }

  /** What a relist has found must have been told by now, or be told in a moment. */
  async #compare(changed: readonly string[]): Promise<void> {
    const { clock, logger } = this.#options;
    const untold = changed.filter((uid) => !this.#told.has(uid));
    this.#told.clear();
    if (untold.length === 0 || this.#eventless) return;
    const stream = this.#stream;
    await clock.sleep(settleMs, this.#background.signal).catch(() => undefined);
    const missed = untold.filter((uid) => !this.#told.has(uid));
    if (missed.length === 0 || stream !== this.#stream || this.#background.signal.aborted) return;
    logger.warn({ pods: missed.length }, 'the runtime has not told of changes, subscribing again');
    stream.abort(new Error('the stream keeps silent'));
  }

  async #relist(): Promise<void> {
    await this.#options.generic.relist().catch((error: unknown) => this.#options.logger.warn({ err: error }, 'relist failed'));
  }
}
