import type { Node } from '@podling/shared/api';
import { unlessAborted } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import type { MetricsBatch } from './decode-metrics.ts';
import { NodePoints } from './node-points.ts';

export interface NodeScraperOptions {
  /** Reads a node's kubelet once, within a deadline. */
  scrape: (node: Node) => Promise<MetricsBatch>;
  clock: Clock;
  logger: Logger;
  stopping: AbortSignal;
}

/** Whoever asks within this time gets the same figures. */
const resolutionMs = 15_000;
/** Between the two readings of a first look, and between looks for what has just begun. */
const firstWindowMs = 1_000;
/** An earlier reading says nothing about now. */
const longestWindowMs = 60_000;
/** For a kubelet that has failed the last time. */
const patienceMs = 2_000;

/**
 * The figures of one node, read when somebody asks and shared by all who ask meanwhile. A first look takes two readings, a
 * second apart; later ones are set against the last. A kubelet that fails is asked again after {@link resolutionMs}, and
 * nobody waits for it long until it has answered.
 */
export class NodeScraper {
  readonly #options: NodeScraperOptions;
  #points = NodePoints.none;
  #failed = false;
  #askedMs = -Infinity;
  #renewedMs = -Infinity;
  #underWay: Promise<void> | undefined;

  constructor(options: NodeScraperOptions) {
    this.#options = options;
  }

  /** `lacks` says whether figures miss something that is there by now. Does not reject: a kubelet that fails tells nothing. */
  async latest(node: Node, lacks: (points: NodePoints) => boolean): Promise<NodePoints> {
    this.#askedMs = this.#options.clock.monotonic();
    if (this.#isStale(lacks)) this.#underWay ??= this.#renew(node).finally(() => (this.#underWay = undefined));
    if (this.#underWay !== undefined) await (this.#failed ? this.#forAWhile(this.#underWay) : this.#underWay);
    return this.#points;
  }

  async #forAWhile(work: Promise<void>): Promise<void> {
    const enough = new AbortController();
    const timer = this.#options.clock.setTimeout(() => enough.abort(), patienceMs);
    await unlessAborted(work, enough.signal).catch(() => undefined);
    timer.cancel();
  }

  /** How long nobody has asked. */
  get idleMs(): number {
    return this.#options.clock.monotonic() - this.#askedMs;
  }

  get #ageMs(): number {
    return this.#options.clock.monotonic() - this.#renewedMs;
  }

  #isStale(lacks: (points: NodePoints) => boolean): boolean {
    const ageMs = this.#ageMs;
    if (ageMs >= resolutionMs) return true;
    return !this.#failed && ageMs >= firstWindowMs && (!this.#points.isComplete || lacks(this.#points));
  }

  async #renew(node: Node): Promise<void> {
    const { clock, logger } = this.#options;
    const before = this.#ageMs > longestWindowMs ? NodePoints.none : this.#points;
    try {
      this.#points = await this.#read(node, before);
      this.#failed = false;
    } catch (error) {
      logger.warn({ err: error, node: node.metadata.name }, 'cannot read the metrics of a node');
      this.#points = NodePoints.none;
      this.#failed = true;
    } finally {
      this.#renewedMs = clock.monotonic();
    }
  }

  async #read(node: Node, before: NodePoints): Promise<NodePoints> {
    const { scrape, clock, stopping } = this.#options;
    const points = before.after(await scrape(node));
    if (points.isComplete) return points;
    await clock.sleep(firstWindowMs, stopping);
    return points.after(await scrape(node), { keepsBases: true });
  }
}
