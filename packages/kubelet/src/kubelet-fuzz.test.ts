import type { ContainerStatus, Pod } from '@podling/shared/api';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeletBench } from './testing/kubelet-bench.ts';
import { validPod } from './testing/pod-arbitrary.ts';
import { tempDir } from './testing/temp-dir.ts';

const runs = Number(process.env['PODLING_FUZZ_RUNS'] ?? 40);
/** A failure prints the seed that repeats it. */
const seed = Number(process.env['PODLING_FUZZ_SEED'] ?? Date.now() % 2 ** 31);

/** What is not told of a pod that was looked at for a while. */
function untold({ status }: Pod): string | undefined {
  const { phase, reason, containerStatuses = [], initContainerStatuses = [] } = status ?? {};
  const all: ContainerStatus[] = [...initContainerStatuses, ...containerStatuses];
  if (phase === 'Running' || phase === 'Succeeded') return undefined;
  if (phase === 'Failed') return reason ?? all.some(({ state }) => state?.terminated?.reason) ? undefined : 'failed without a reason';
  if (phase !== 'Pending') return `phase ${phase}`;
  if (all.length === 0) return 'no container is told of';
  return all.every(({ state }) => state?.running ?? state?.terminated?.reason ?? state?.waiting?.reason) ? undefined : 'a container waits for no reason';
}

describe('whatever pod is sent', () => {
  let bench: KubeletBench;
  let root: string;

  beforeEach(async () => {
    root = await tempDir();
    bench = new KubeletBench(root);
    await bench.start();
  });
  afterEach(() => bench.stop());

  it('runs, waits for a reason or has failed for one, and goes when it is deleted', async () => {
    const pods = fc.sample(validPod('n1', root), { numRuns: runs, seed }).map((pod, index) => {
      const name = `p${index}`;
      return { ...pod, metadata: { ...pod.metadata, name, uid: `uid-${name}` } };
    });
    const why = `seed ${seed}`;
    for (const pod of pods) bench.server.pods.put(pod);
    await bench.within(500, () => expect(pods.filter(({ metadata: { name } }) => bench.pod(name).status?.phase === undefined), why).toEqual([]));
    for (let second = 0; second < 30; second += 1) await bench.clock.advance(1_000);
    expect(pods.flatMap(({ metadata: { name } }) => untold(bench.pod(name)) ?? []).toSorted(), why).toEqual([]);
    expect(bench.events('FailedSync'), why).toEqual([]);
    for (const { metadata: { name } } of pods) bench.markDeleted(name);
    await bench.within(5_000, () => expect(bench.server.pods.objects().map(({ metadata }) => metadata.name), why).toEqual([]));
    expect(await bench.runtime.listPodSandboxes()).toEqual([]);
    expect(await bench.runtime.listContainers()).toEqual([]);
  });
});
