import { FakeClock } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Node } from '@podling/shared/api';
import type { MetricsBatch, MetricsPoint } from './decode-metrics.ts';
import type { NodePoints } from './node-points.ts';
import { NodeScraper } from './node-scraper.ts';

const node: Node = { metadata: { name: 'n1' } };
const nothing = (): boolean => false;

describe('a node\'s scraper', () => {
  let clock: FakeClock;
  let scraper: NodeScraper;
  let stopping: AbortController;
  let scrapes: number;
  /** Starts of the containers of `default/web`. */
  let starts: Record<string, number>;
  let failure: Error | undefined;
  let hang: Promise<void> | undefined;

  beforeEach(() => {
    [clock, stopping, scrapes, starts, failure, hang] = [new FakeClock(), new AbortController(), 0, {}, undefined, undefined];
    const pointAt = (startMs: number | undefined, cores: number): MetricsPoint => ({ timeMs: clock.now(), startMs, cpuNanoSeconds: clock.monotonic() * cores * 1e6, memoryBytes: 1 });
    const scrape = async (): Promise<MetricsBatch> => {
      scrapes += 1;
      if (failure) throw failure;
      await hang;
      return { node: pointAt(undefined, 2), pods: new Map([['default/web', new Map(Object.entries(starts).map(([name, startMs]) => [name, pointAt(startMs, 0.5)]))]]) };
    };
    scraper = new NodeScraper({ scrape, clock, logger: createLogger('test', 'silent'), stopping: stopping.signal });
  });

  /** Asks, and lets time go until there is an answer. */
  async function ask(lacks: (points: NodePoints) => boolean = nothing): Promise<NodePoints> {
    let answer: NodePoints | undefined;
    const asked = scraper.latest(node, lacks).then((points) => (answer = points));
    await clock.advance(0);
    if (answer === undefined) await clock.advance(1000);
    return asked;
  }

  const lacking = (container: string) => (points: NodePoints): boolean => !points.hasContainer('default', 'web', container);

  it('takes two readings at the first look, and gives them to all who ask meanwhile', async () => {
    starts = { main: 0 };
    const [first, second] = await Promise.all([ask(), scraper.latest(node, nothing)]);
    expect([first.node()?.cpuNanoCores, first.node()?.windowMs, first.pod('default', 'web')?.[0]?.cpuNanoCores]).toEqual([2e9, 1000, 5e8]);
    expect([second, scrapes]).toEqual([first, 2]);
  });

  it('reads once in fifteen seconds, however often it is asked', async () => {
    await ask();
    for (let second = 0; second < 14; second += 1) {
      await clock.advance(1000);
      await ask();
    }
    expect(scrapes).toBe(2);
    await clock.advance(1000);
    expect([(await ask()).node()?.windowMs, scrapes]).toEqual([15_000, 3]);
  });

  it('reads nothing, and has no timer, while nobody asks', async () => {
    await ask();
    await clock.advance(3_600_000);
    expect([scrapes, clock.pendingTimers]).toEqual([2, 0]);
  });

  it('begins anew when nobody has asked for long', async () => {
    await ask();
    await clock.advance(60_001);
    expect([(await ask()).node()?.windowMs, scrapes]).toEqual([1000, 4]);
  });

  it('looks at once, and twice, when something is there that it has not seen', async () => {
    await ask();
    await clock.advance(2000);
    starts = { main: clock.now() };
    const points = await ask(lacking('main'));
    expect([points.pod('default', 'web')?.[0]?.windowMs, points.node()?.windowMs, scrapes]).toEqual([1000, 3000, 4]);
  });

  it('looks no more than once a second for what the kubelet does not tell', async () => {
    await ask();
    await ask(lacking('main'));
    await ask(lacking('main'));
    expect(scrapes).toBe(2);
    await clock.advance(1000);
    await ask(lacking('main'));
    expect(scrapes).toBe(3);
  });

  it('looks again when a container has begun anew meanwhile', async () => {
    starts = { main: 0 };
    await ask();
    await clock.advance(15_000);
    starts = { main: clock.now() };
    expect((await ask()).pod('default', 'web')?.[0]?.windowMs).toBe(1000);
  });

  it('has nothing to tell of a kubelet that fails, and lets it rest', async () => {
    await ask();
    await clock.advance(15_000);
    failure = new Error('gone');
    for (let count = 0; count < 3; count += 1) {
      expect((await ask(lacking('main'))).node()).toBeUndefined();
      await clock.advance(2000);
    }
    expect(scrapes).toBe(3);
    await clock.advance(15_000);
    failure = undefined;
    expect((await ask()).node()?.windowMs).toBe(1000);
  });

  it('lets nobody wait long for a kubelet that has failed before', async () => {
    failure = new Error('gone');
    await ask();
    await clock.advance(15_000);
    const hung = Promise.withResolvers<void>();
    [failure, hang] = [undefined, hung.promise];
    const asked = scraper.latest(node, nothing);
    await clock.advance(2000);
    expect((await asked).node()).toBeUndefined();
    hung.resolve();
    expect((await ask()).node()?.windowMs).toBe(1000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits for nothing once the server stops', async () => {
    const asked = scraper.latest(node, nothing);
    await clock.advance(0);
    stopping.abort(new Error('stopping'));
    expect((await asked).node()).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });
});
