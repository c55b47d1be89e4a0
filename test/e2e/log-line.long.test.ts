import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterNode } from '@podling/deploy/local';
import { podUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('log-line');
const [node] = world.cluster.nodes as [ClusterNode];
const MiB = 1024 * 1024;

beforeAll(() => openNamespace(world));
afterAll(() => closeNamespace(world));

/** The most it ever had. */
function peakBytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

describe('a line of 1 GiB', () => {
  it('is written in parts, and costs neither the log process nor the kubelet its length', async () => {
    const logProcess = Number(readFileSync(join(node.containerdStateDir, 'log-process.pid'), 'utf8'));
    const before = peakBytes(logProcess);
    const spec = { nodeSelector: { 'kubernetes.io/hostname': node.name }, restartPolicy: 'Never' };
    await applyPod(world, toolboxPod('endless', 'head -c 1073741824 /dev/zero | tr "\\0" x', { spec }));
    await podUntil(world, 'endless', 'Succeeded', ({ status }) => status?.phase === 'Succeeded', 600);
    expect(peakBytes(logProcess) - before).toBeLessThan(100 * MiB);
    const { stdout } = await world.kubectl(['logs', 'endless', '--limit-bytes', '1000']);
    expect(stdout).toBe('x'.repeat(1000));
    expect(peakBytes(node.kubelet.pid ?? 0)).toBeLessThan(400 * MiB);
  });
});
