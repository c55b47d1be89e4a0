import { readFileSync, readdirSync } from 'node:fs';
import { isRunning, podUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, deletePods, e2eWorld, toolboxPod } from '../../harness/e2e-cluster.ts';
import { nodeContainers } from '../../harness/node-containers.ts';

const world = e2eWorld();
const minutes = Number(process.env['PODLING_SOAK_MINUTES'] ?? 30);
const batch = ['a', 'b', 'c', 'd', 'e', 'f'];

beforeAll(() => deletePods(world));
afterAll(() => world.client.close());

interface Footprint {
  rssMiB: number;
  handles: number;
}

function footprint(pid: number | undefined): Footprint {
  if (pid === undefined) throw new Error('a process of the cluster has ended');
  const [, kiB = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { rssMiB: Math.round(Number(kiB) / 1024), handles: readdirSync(`/proc/${pid}/fd`).length };
}

const own = /^(apiserver|scheduler|controller-manager|kubelet\/)/;
const footprints = (): Record<string, Footprint> =>
  Object.fromEntries(world.cluster.processes.filter(({ name }) => own.test(name)).map(({ name, pid }) => [name, footprint(pid)]));

async function oneRound(round: number): Promise<void> {
  await Promise.all(batch.map((name) => applyPod(world, toolboxPod(`${name}-${round}`, 'echo started; sleep 1000'))));
  for (const name of batch) await podUntil(world, `${name}-${round}`, 'Running', isRunning, 120);
  await deletePods(world);
}

describe('churn', () => {
  it(`leaves no container, handle or growing memory behind in ${minutes} minutes`, async () => {
    const startedAt = Date.now();
    const until = startedAt + minutes * 60_000;
    let round = 0;
    // Heaps take the room that they work in within some minutes; what is taken after that has leaked.
    while (round < 10 || Date.now() < startedAt + minutes * 20_000) await oneRound((round += 1));
    const before = footprints();
    while (Date.now() < until) await oneRound((round += 1));
    const after = footprints();
    process.stdout.write(`${JSON.stringify({ rounds: round, podsPerRound: batch.length, before, after })}\n`);
    for (const node of world.cluster.nodes) expect(await nodeContainers(node)).toEqual([]);
    for (const [name, { handles, rssMiB }] of Object.entries(before)) {
      expect(after[name]?.handles, `${name}: open handles`).toBeLessThan(handles + 20);
      expect(after[name]?.rssMiB, `${name}: memory`).toBeLessThan(rssMiB * 1.5 + 32);
    }
  });
});
