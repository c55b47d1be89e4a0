import type { Pod } from '@podling/shared/api';
import { buildPod, FakeClock } from '@podling/shared/testing';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { QosContainerManager } from './qos-container-manager.ts';
import type { ResourceConfig } from './resource-config.ts';

const pod = (uid: string, requests: Record<string, string>): Pod => buildPod({ name: uid, uid, requests });
let manager: QosContainerManager | undefined;
afterEach(() => manager?.stop());

function scene() {
  const clock = new FakeClock();
  const tree = new Map<string, ResourceConfig>();
  const events: string[] = [];
  const world = { clock, tree, events, pods: [] as Pod[], present: ['/n'], writes: 0, refusal: undefined as Error | undefined };
  manager = new QosContainerManager({
    driver: 'cgroupfs', kubepods: ['n', 'kubepods'], nodeConfig: { cpuShares: 2048, memoryLimitBytes: 1024 }, hugePageSizes: ['2MB'], clock, logger: pino({ level: 'silent' }),
    cgroups: {
      exists: (path) => world.present.includes(path) || tree.has(path),
      set: async (path, config) => {
        if (path === '/n/kubepods' && world.refusal) throw world.refusal;
        world.writes += 1;
        tree.set(path, config);
      },
    },
    pods: () => world.pods, tell: (type, reason, message) => void events.push(`${type} ${reason} ${message}`),
  });
  return { world, manager };
}

const shares = (tree: Map<string, ResourceConfig>) => [...tree].map(([path, { cpuShares }]) => `${path} ${cpuShares}`).sort();

describe('QosContainerManager', () => {
  it('has the tree before any pod', async () => {
    const { world, manager: qos } = scene();
    await qos.start();
    expect(shares(world.tree)).toEqual(['/n/kubepods 2048', '/n/kubepods/besteffort 2', '/n/kubepods/burstable 2']);
    expect(world.tree.get('/n/kubepods')).toMatchObject({ memoryLimitBytes: 1024 });
    expect(world.tree.get('/n/kubepods/besteffort')?.hugePageLimits?.['2MB']).toBeGreaterThan(2 ** 60);
    expect(world.events).toEqual(['Normal NodeAllocatableEnforced Updated Node Allocatable limit across pods']);
  });

  it('gives what it has to make above that tree the weight of all pods, and leaves what is there', async () => {
    const { world, manager: qos } = scene();
    world.present = [];
    await qos.start();
    expect(world.tree.get('/n')).toEqual({ cpuShares: 2048 });
    const again = scene();
    await again.manager.start();
    expect(again.world.tree.has('/n')).toBe(false);
  });

  it('gives the burstable class what its pods ask for, and writes nothing that stays the same', async () => {
    const { world, manager: qos } = scene();
    await qos.start();
    world.pods = [pod('a', { cpu: '500m' }), pod('b', { cpu: '1' }), pod('c', {}), { ...pod('d', {}), spec: { containers: [{ name: 'g', resources: { limits: { cpu: '4', memory: '1Gi' } } }] } }];
    qos.soon();
    await world.clock.advance(50);
    await eventually(() => expect(world.tree.get('/n/kubepods/burstable')?.cpuShares).toBe(1536));
    const { writes } = world;
    qos.soon();
    await world.clock.advance(50);
    world.pods = [];
    expect(world.writes).toBe(writes);
    qos.soon();
    await world.clock.advance(50);
    await eventually(() => expect(world.tree.get('/n/kubepods/burstable')?.cpuShares).toBe(2));
  });

  it('writes it anew every minute', async () => {
    const { world, manager: qos } = scene();
    await qos.start();
    world.tree.clear();
    await world.clock.advance(60_000);
    await eventually(() => expect(shares(world.tree)).toEqual(['/n/kubepods/besteffort 2', '/n/kubepods/burstable 2']));
  });

  it('writes it anew every minute though pods come and go all the time', async () => {
    const { world, manager: qos } = scene();
    await qos.start();
    world.tree.clear();
    for (const uid of ['a', 'b', 'c']) {
      world.pods = [...world.pods, pod(uid, { cpu: '1' })];
      qos.soon();
      await world.clock.advance(20_000);
    }
    await eventually(() => expect(shares(world.tree)).toEqual(['/n/kubepods/besteffort 2', '/n/kubepods/burstable 3072']));
  });

  it('limits all pods later when they use too much now', async () => {
    const { world, manager: qos } = scene();
    world.refusal = new Error('EBUSY');
    await qos.start();
    expect(world.events).toEqual(['Warning FailedNodeAllocatableEnforcement Failed to update Node Allocatable Limits ["n" "kubepods"]: Error: EBUSY']);
    world.refusal = undefined;
    await world.clock.advance(60_000);
    await eventually(() => expect(world.tree.get('/n/kubepods')?.memoryLimitBytes).toBe(1024));
    expect(world.events).toHaveLength(2);
  });
});
