import { isRunning, mustSucceed, nodeOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, deletePods, e2eWorld, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld();
const lineCount = 175_000;

beforeAll(() => deletePods(world));
afterAll(async () => {
  await deletePods(world);
  await world.client.close();
});

describe('container logs', () => {
  it('[A9] lose and double no line while the kubelet is dead for 60 s and the container writes 10 MB and exits', async () => {
    const script = `read go < /go/pipe; i=0; while [ $i -lt ${lineCount} ]; do i=$((i+1)); echo "line $i padding padding padding padding padding padding"; done; echo done >&2`;
    await applyPod(world, toolboxPod('writer', `mkfifo /go/pipe; (sleep 3; echo go > /go/pipe) & ${script}`, {
      spec: { restartPolicy: 'Never', volumes: [{ name: 'go', emptyDir: {} }] },
      container: { volumeMounts: [{ name: 'go', mountPath: '/go' }] },
    }));
    const pod = await podUntil(world, 'writer', 'Running', isRunning);
    const node = nodeOf(world, pod);
    await node.kubelet.kill('SIGKILL');
    await delay(60_000);
    await node.kubelet.start();
    const end = await podUntil(world, 'writer', 'Succeeded', (p) => p.status?.phase === 'Succeeded');
    expect(end.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0);
    const finishedAt = Date.parse(end.status?.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? '');
    const startedAt = Date.parse(end.status?.containerStatuses?.[0]?.state?.terminated?.startedAt ?? '');
    expect(finishedAt - startedAt).toBeLessThan(60_000);
    const text = await mustSucceed(world.kubectl, ['logs', 'writer']);
    const numbers = text.split('\n').filter((line) => line.startsWith('line ')).map((line) => Number(line.split(' ')[1]));
    expect(numbers).toHaveLength(lineCount);
    expect(numbers.every((number, index) => number === index + 1)).toBe(true);
    expect(Buffer.byteLength(text)).toBeGreaterThan(10_000_000);
  });

  it('follow shows lines as they come and ends with the container', async () => {
    await applyPod(world, toolboxPod('ticker', 'for i in 1 2 3; do echo tick $i; sleep 1; done', { spec: { restartPolicy: 'Never' } }));
    await podUntil(world, 'ticker', 'started', (pod) => pod.status?.containerStatuses?.[0]?.state?.waiting === undefined && pod.status?.containerStatuses !== undefined);
    const text = await waitUntil('the followed log', () => mustSucceed(world.kubectl, ['logs', '-f', 'ticker']), { timeoutMs: 30_000 });
    expect(text.trim()).toBe('tick 1\ntick 2\ntick 3');
  });
});
