import { insideNode } from '@podling/deploy/local';
import { execaSync } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { e2eWorld } from '../harness/e2e-cluster.ts';

const world = e2eWorld();

afterAll(() => world.client.close());

describe('flannel', () => {
  it('[A6] gives each node a lease of its own, shown as podCIDR, and a vxlan device on the chosen interface', async () => {
    const { items } = await world.client.nodes().list();
    const cidrs = items.map(({ spec }) => spec?.podCIDR ?? '');
    expect(new Set(cidrs).size).toBe(world.cluster.nodes.length);
    for (const cidr of cidrs) expect(cidr).toMatch(/^10\.\d+\.\d+\.\d+\/24$/);
    const [first] = world.cluster.nodes;
    const [command, args] = insideNode(first?.netns ?? '', ['ip', '-d', 'link', 'show', 'flannel.1']);
    expect(execaSync(command, args).stdout).toMatch(/vxlan .*dev eth0/);
  });
});
