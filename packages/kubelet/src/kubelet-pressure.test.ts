import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeCondition } from '@podling/shared/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

let bench: KubeletBench;

beforeEach(async () => {
  bench = new KubeletBench(await tempDir());
});
afterEach(() => bench.stop());

/** More than any disk has left. */
const tooLittle = '99.99%';

async function start(settings: string): Promise<void> {
  const file = join(bench.root, 'kubelet.yaml');
  await writeFile(file, `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nhealthzPort: 0\n${settings}`);
  await bench.start([`--config=${file}`]);
}

const condition = (type: string): NodeCondition | undefined => bench.server.nodes.get('n1')?.status?.conditions?.find((one) => one.type === type);

describe('a kubelet whose disk is full', () => {
  it('says so in its Node and in Events, takes no pods but critical ones, and counts what it ends', async () => {
    await start(`evictionHard: {nodefs.available: ${tooLittle}}\n`);
    await bench.within(1_000, () => expect(condition('DiskPressure')).toMatchObject({ status: 'True', reason: 'KubeletHasDiskPressure' }));
    expect(condition('MemoryPressure')).toMatchObject({ status: 'False' });
    await eventually(() => expect(bench.events('NodeHasDiskPressure')).toEqual(['Node n1 status is now: NodeHasDiskPressure']));
    bench.put({}, 'web');
    bench.put({ priority: 2_000_000_000 }, 'critical');
    const message = 'Pod was rejected: The node had condition: [DiskPressure]. ';
    await bench.within(1_000, () => expect(bench.pod('web').status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message }));
    expect(bench.events('Evicted')).toEqual([message]);
    await bench.within(1_000, () => expect(bench.pod('critical').status).toMatchObject({ phase: 'Running' }));
    expect(bench.events('EvictionThresholdMet')).toEqual(['Attempting to reclaim ephemeral-storage']);
  });

  it('removes images that nobody uses, then ends the least important pod first, with all that its user is to know', async () => {
    bench = new KubeletBench(bench.root, { images: [image, 'podling.local/unused:1'] });
    const before = await bench.start();
    bench.put({ priority: 5 }, 'important');
    bench.put({}, 'web');
    for (const name of ['important', 'web']) await bench.running(name);
    await before.stop();
    await start(`evictionHard: {nodefs.available: ${tooLittle}}\nimageMinimumGCAge: 1ms\n`);
    await bench.within(1_000, () => expect(bench.pod('web').status).toMatchObject({ phase: 'Failed', reason: 'Evicted' }));
    const { message = '', conditions = [] } = bench.pod('web').status ?? {};
    expect(message).toMatch(/^The node was low on resource: ephemeral-storage\. Threshold quantity: \S+, available: \S+\. /);
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message }));
    await eventually(() => expect(bench.server.events.objects().filter(({ reason }) => reason === 'Evicted')[0])
      .toMatchObject({ message, involvedObject: { name: 'web' }, metadata: { annotations: { starved_resource: 'ephemeral-storage' } } }));
    expect((await bench.runtime.listImages()).map(({ repoTags }) => repoTags[0])).toEqual([image]);
    await bench.within(1_000, () => expect(bench.pod('important').status).toMatchObject({ phase: 'Failed', reason: 'Evicted' }));
  });
});

describe('a kubelet whose process ids run short', () => {
  it('says so in its Node and in an Event', async () => {
    await start('evictionHard: {pid.available: 1T}\n');
    await bench.within(1_000, () => expect(condition('PIDPressure')).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientPID' }));
    await eventually(() => expect(bench.events('NodeHasInsufficientPID')).toEqual(['Node n1 status is now: NodeHasInsufficientPID']));
  });
});
