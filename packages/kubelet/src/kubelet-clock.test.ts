import type { Pod } from '@podling/shared/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

const hourMs = 3_600_000;

/** Somebody sets the machine's clock by an hour. */
describe.each([['forward', hourMs], ['back', -hourMs]])('a kubelet whose clock jumps %s', (_, jumpMs) => {
  let bench: KubeletBench;
  let answer = 0;

  beforeEach(async () => {
    answer = 0;
    bench = new KubeletBench(await tempDir(), { behaviour: () => ({ exec: ([command]) => ({ exitCode: answer, hangs: command === 'hang' }) }) });
  });
  afterEach(() => bench.stop());

  const put = async (spec: Partial<Pod['spec']>): Promise<void> => {
    await bench.start();
    bench.put(spec);
    await bench.running();
  };
  const exec = (command: string) => ({ exec: { command: [command] }, timeoutSeconds: 1, periodSeconds: 1, successThreshold: 1, failureThreshold: 1 });
  /** How much time passes until the check holds, to the step. */
  const passedUntil = async (stepMs: number, check: () => void | Promise<void>): Promise<number> => {
    const startMs = bench.clock.monotonic();
    await bench.within(stepMs, check);
    return bench.clock.monotonic() - startMs;
  };
  const crash = async (): Promise<void> => {
    bench.runtime.exitContainer(bench.id(), 1);
  };

  it('holds a crash loop back for as long as it said', async () => {
    await put({});
    await crash();
    await bench.within(100, () => expect(bench.web()).toMatchObject({ restartCount: 1, state: { running: {} } }));
    await crash();
    await bench.within(100, () => expect(bench.web().state?.waiting?.reason).toBe('CrashLoopBackOff'));
    bench.clock.jump(jumpMs);
    await bench.clock.advance(5_000);
    expect(bench.web()).toMatchObject({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } });
    await bench.clock.advance(5_000);
    await bench.within(100, () => expect(bench.web()).toMatchObject({ restartCount: 2, state: { running: {} } }));
  });

  it('goes on with its probes in their time', async () => {
    await put({ containers: [{ name: 'web', image, readinessProbe: { ...exec('ready'), periodSeconds: 10 } }] });
    const ready = (): boolean => bench.web().ready;
    await bench.within(500, () => expect(ready()).toBe(true));
    answer = 1;
    bench.clock.jump(jumpMs);
    expect(await passedUntil(1_000, () => expect(ready()).toBe(false))).toBeLessThan(15_000);
  });

  it('waits out the initial delay of a probe and no more', async () => {
    answer = 1;
    await put({ containers: [{ name: 'web', image, livenessProbe: { ...exec('live'), initialDelaySeconds: 60 } }] });
    await bench.clock.advance(2_000);
    bench.clock.jump(jumpMs);
    await bench.clock.advance(50_000);
    expect(bench.web().restartCount).toBe(0);
    expect(await passedUntil(1_000, () => expect(bench.web().restartCount).toBe(1))).toBeLessThan(20_000);
  });

  it('gives a container its grace period, hook and all', async () => {
    const container = { name: 'web', image, lifecycle: { preStop: { exec: { command: ['hang'] } } } };
    await put({ containers: [container], terminationGracePeriodSeconds: 30 });
    const id = bench.id();
    bench.server.pods.put({ ...bench.pod(), metadata: { ...bench.pod().metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 } });
    await bench.clock.advance(1_000);
    bench.clock.jump(jumpMs);
    await bench.clock.advance(20_000);
    const runs = async (): Promise<boolean> => (await bench.runtime.listContainers({ id })).some(({ state }) => state === 'CONTAINER_RUNNING');
    expect(await runs()).toBe(true);
    expect(await passedUntil(1_000, async () => expect(await runs()).toBe(false))).toBeLessThan(15_000);
    await bench.within(1_000, () => expect(bench.server.pods.get('default/web')).toBeUndefined());
  });

  it('renews the lease of its node in time', async () => {
    await put({});
    const renewed = (): string | undefined => bench.server.leases.objects()[0]?.spec?.renewTime;
    await bench.within(100, () => expect(renewed()).toBeDefined());
    bench.clock.jump(jumpMs);
    const before = renewed();
    expect(await passedUntil(1_000, () => expect(renewed()).not.toBe(before))).toBeLessThan(15_000);
  });

  it('says that the node is there at least every five minutes', async () => {
    await put({});
    const reported = (): unknown => bench.server.nodes.objects()[0]?.status?.conditions?.find(({ type }) => type === 'Ready')?.lastHeartbeatTime;
    await bench.within(100, () => expect(reported()).toBeDefined());
    bench.clock.jump(jumpMs);
    const before = reported();
    expect(await passedUntil(10_000, () => expect(reported()).not.toBe(before))).toBeLessThan(330_000);
  });
});

describe('a pod with an active deadline whose node has such a clock', () => {
  let bench: KubeletBench;

  beforeEach(async () => {
    bench = new KubeletBench(await tempDir());
    await bench.start();
    bench.put({ activeDeadlineSeconds: 60 });
    await bench.running();
    await bench.clock.advance(1_000);
  });
  afterEach(() => bench.stop());

  const over = async (jumpMs: number, stepMs: number): Promise<number> => {
    bench.clock.jump(jumpMs);
    const startMs = bench.clock.monotonic();
    await bench.within(stepMs, () => expect(bench.pod().status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' }));
    return bench.clock.monotonic() - startMs;
  };

  it('is over within its deadline when the clock jumps forward', async () => {
    expect(await over(hourMs, 1_000)).toBeLessThan(62_000);
  });

  it('lives longer by the jump at most when the clock jumps back', async () => {
    expect(await over(-300_000, 10_000)).toBeLessThan(300_000 + 80_000);
  });
});
