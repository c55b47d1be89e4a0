import { execaSync } from 'execa';
import { insideNode } from '@podling/deploy/local';
import { isRunning, mustSucceed, nodeOf, podUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('network');
const onNode = (index: number) => ({ nodeSelector: { 'kubernetes.io/hostname': world.cluster.nodes[index]?.name ?? '' } });
let address: string;

beforeAll(async () => {
  await openNamespace(world);
  await applyPod(world, toolboxPod('server', 'mkdir /www; echo page > /www/index.html; exec httpd -f -p 8080 -h /www', { spec: onNode(1) }));
  const pod = await podUntil(world, 'server', 'Running', isRunning);
  address = `http://${pod.status?.podIP}:8080/`;
});

afterAll(async () => {
  await closeNamespace(world);
});

describe('the pod network', () => {
  it.each([
    ['the same node', 1],
    ['the other node', 0],
  ])('[A6] [E4] a pod on %s reaches a pod by IP and port', async (_where, index) => {
    const name = `client-${index}`;
    await applyPod(world, toolboxPod(name, `fetch ${address}`, { spec: { ...onNode(index), restartPolicy: 'OnFailure' } }));
    const pod = await podUntil(world, name, 'Succeeded', (p) => p.status?.phase === 'Succeeded');
    expect(nodeOf(world, pod).index).toBe(index + 1);
    expect(await mustSucceed(world.kubectl, ['logs', name])).toContain('page');
  });

  it('[A6] [E4] the host reaches a pod by IP and port', async () => {
    expect(await (await fetch(address, { signal: AbortSignal.timeout(10_000) })).text()).toBe('page\n');
  });

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
