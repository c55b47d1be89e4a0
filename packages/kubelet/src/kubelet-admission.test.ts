import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

let bench: KubeletBench;
beforeEach(async () => {
  bench = new KubeletBench(await tempDir());
});
afterEach(() => bench.stop());

const refused = (name: string, reason: string): Promise<void> => eventually(() => expect(bench.pod(name).status).toMatchObject({ phase: 'Failed', reason }));

describe('a pod that comes to a full node', () => {
  it('is refused, and taken if it is critical: another goes for it first', async () => {
    await bench.start(['--max-pods=1']);
    bench.put();
    await bench.running();
    bench.put({}, 'late');
    await refused('late', 'OutOfpods');
    bench.put({ priority: 2_000_000_000 }, 'critical');
    await bench.within(250, () => expect(bench.pod('critical').status?.phase).toBe('Running'));
    expect(bench.pod().status).toMatchObject({ phase: 'Failed', reason: 'Preempting', message: 'Preempted in order to admit critical pod' });
    expect(bench.pod().status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True', reason: 'TerminationByKubelet', message: 'Pod was preempted by Kubelet to accommodate a critical pod.',
    });
    await eventually(() => expect(bench.events('Preempting')).toEqual(['Preempted in order to admit critical pod']));
  });

  it('is refused when nobody could go for it', async () => {
    await bench.start();
    bench.put({ priority: 2_000_000_000, containers: [{ name: 'web', image, resources: { requests: { memory: '900Ti' } } }] }, 'critical');
    await refused('critical', 'UnexpectedAdmissionError');
    expect(bench.pod('critical').status?.message).toMatch(/^Pod was rejected: Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: \[\(res: memory, q: \d+\), \]$/);
  });
});

describe('a pod for a label of the node', () => {
  it('is taken if the node has got it meanwhile', async () => {
    await bench.start();
    bench.put({}, 'first');
    await bench.running('first');
    const nodes = bench.server.client.nodes();
    await nodes.patch('n1', { metadata: { labels: { disk: 'ssd' } } }, 'application/merge-patch+json');
    bench.put({ nodeSelector: { disk: 'ssd' } }, 'early');
    await bench.running('early');
    bench.put({ nodeSelector: { disk: 'tape' } }, 'wrong');
    await refused('wrong', 'NodeAffinity');
  });
});
