import { isRunning, mustSucceed, nodeOf, podUntil } from '@podling/deploy/observe';
import type { World } from '@podling/deploy/observe';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { applyPod, toolboxPod } from './e2e-cluster.ts';

/** How long nobody reads, and how much is written meanwhile: about 60 bytes a line. */
export interface Outage {
  seconds: number;
  lineCount: number;
}

/** The kubelet dies while a container writes and exits. The whole log is there afterwards. */
export function itLosesNoLine(world: World, { seconds, lineCount }: Outage): void {
  it(`lose and double no line while the kubelet is dead for ${seconds} s and the container writes ${lineCount} lines and exits`, async () => {
    const script = `read go < /go/pipe; i=0; while [ $i -lt ${lineCount} ]; do i=$((i+1)); echo "line $i padding padding padding padding padding padding"; done; echo done >&2`;
    await applyPod(world, toolboxPod('writer', `mkfifo /go/pipe; (sleep 3; echo go > /go/pipe) & ${script}`, {
      spec: { restartPolicy: 'Never', volumes: [{ name: 'go', emptyDir: {} }] },
      container: { volumeMounts: [{ name: 'go', mountPath: '/go' }] },
    }));
    const pod = await podUntil(world, 'writer', 'Running', isRunning);
    const node = nodeOf(world, pod);
    await node.kubelet.kill('SIGKILL');
    await delay(seconds * 1000);
    await node.kubelet.start();
    const end = await podUntil(world, 'writer', 'Succeeded', (p) => p.status?.phase === 'Succeeded');
    expect(end.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0);
    const finishedAt = Date.parse(end.status?.containerStatuses?.[0]?.state?.terminated?.finishedAt ?? '');
    const startedAt = Date.parse(end.status?.containerStatuses?.[0]?.state?.terminated?.startedAt ?? '');
    expect(finishedAt - startedAt).toBeLessThan(seconds * 1000);
    const text = await mustSucceed(world.kubectl, ['logs', 'writer']);
    const numbers = text.split('\n').filter((line) => line.startsWith('line ')).map((line) => Number(line.split(' ')[1]));
    expect(numbers).toHaveLength(lineCount);
    expect(numbers.every((number, index) => number === index + 1)).toBe(true);
    expect(Buffer.byteLength(text)).toBeGreaterThan(lineCount * 58);
  });
}
