import { isRunning, podUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, it, expect } from 'vitest';
import { applyPod, closeNamespace, e2eClusterName, e2eWorld, openNamespace, toolboxPod } from '../../harness/e2e-cluster.ts';
import { askForNames, findsName } from '../../harness/names.ts';
import { startStubDns } from '../../harness/stub-dns.ts';
import type { StubDns } from '../../harness/stub-dns.ts';

const world = e2eWorld('dns-outage');
const coredns = world.cluster.process('coredns');
const outside = { 'outside.example': '192.0.2.1' };
/** Asked as they stand, so that a server that is down costs one wait each. */
const absolute = [`web.${world.namespace}.svc.cluster.local.`, 'outside.example.'];
const finds = (name: string, address: string): Promise<unknown> => findsName(world, 'absolute', name, address);
let stub: StubDns;

beforeAll(async () => {
  stub = await startStubDns(e2eClusterName, outside);
  await openNamespace(world);
  await world.client.services(world.namespace).create({ metadata: { name: 'web', namespace: world.namespace }, spec: { clusterIP: 'None', selector: { app: 'web' } } });
  await Promise.all([applyPod(world, toolboxPod('web', 'sleep 1000', { labels: { app: 'web' } })), applyPod(world, toolboxPod('absolute', askForNames(absolute)))]);
  await Promise.all(['absolute', 'web'].map((name) => podUntil(world, name, 'Running', isRunning)));
});

afterAll(async () => {
  await coredns.start();
  await closeNamespace(world);
  await stub.stop();
});

describe('the DNS of pods', () => {
  it('[A7] the second nameserver serves while CoreDNS is down, and CoreDNS again when it is back', async () => {
    const web = (await world.client.pods(world.namespace).get('web')).status?.podIP ?? '';
    const [own = '', other = ''] = absolute;
    await finds(own, web);
    await coredns.kill('SIGKILL');
    await finds(own, '');
    await finds(other, outside['outside.example']);
    expect((await world.cluster.status()).processes.find(({ name }) => name === 'coredns')?.pid).toBeUndefined();
    await coredns.start();
    await finds(own, web);
  });
});
