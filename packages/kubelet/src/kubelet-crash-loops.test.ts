import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

const count = 30;

describe('thirty crash loops on a node', () => {
  let bench: KubeletBench;
  const names = Array.from({ length: count }, (_, index) => `crash-${index}`);

  beforeEach(async () => {
    bench = new KubeletBench(await tempDir(), { behaviour: ({ metadata: { name } }) => (name === 'crash' ? { exitAfterMs: 200, exitCode: 1 } : undefined) });
    await bench.start(['--max-pods=200']);
  });
  afterEach(() => bench.stop());

  it('are held back, tell little, delay no other pod and leave nothing', async () => {
    for (const name of names) bench.put({ containers: [{ name: 'crash', image }] }, name);
    const startedMs = bench.clock.monotonic();
    const restarts = (): number[] => names.map((name) => bench.pod(name).status?.containerStatuses?.[0]?.restartCount ?? 0);
    for (let run = 1; run <= 4; run += 1) await bench.within(1_000, () => expect(Math.min(...restarts())).toBeGreaterThanOrEqual(run));
    // After 0, 10, 20, 40 s and so on.
    const passedSeconds = (bench.clock.monotonic() - startedMs) / 1_000;
    expect(Math.max(...restarts())).toBeLessThanOrEqual(2 + Math.log2(passedSeconds / 10 + 1));
    expect(bench.server.events.objects().length).toBeLessThanOrEqual(count * 10);
    const putMs = bench.clock.monotonic();
    bench.put({}, 'healthy');
    await bench.within(100, () => expect(bench.pod('healthy').status).toMatchObject({ phase: 'Running' }));
    expect(bench.clock.monotonic() - putMs).toBeLessThan(5_000);
    for (const name of [...names, 'healthy']) bench.markDeleted(name);
    await bench.within(1_000, () => expect(bench.server.pods.objects()).toEqual([]));
    expect(await bench.runtime.listContainers()).toEqual([]);
    expect(await bench.runtime.listPodSandboxes()).toEqual([]);
  });
});
