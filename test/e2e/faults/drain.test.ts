import { join } from 'node:path';
import type { ClusterNode } from '@podling/deploy/local';
import { podUntil, waitUntil } from '@podling/deploy/observe';
import { isPodReady } from '@podling/shared/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../../harness/e2e-cluster.ts';
import { KubectlUser, upstreamKubectls } from '../../harness/upstream-kubectl.ts';

const world = e2eWorld('drain');
const [other, drained] = world.cluster.nodes as [ClusterNode, ClusterNode];
const real = new KubectlUser(upstreamKubectls.oldest, world.cluster.kubeconfigPath);
const ours = new KubectlUser(join(import.meta.dirname, '../../../bin/kubectl'), world.cluster.kubeconfigPath);
const flags = ['--force', '--delete-emptydir-data', '--pod-selector=drained=yes'];

const startPod = (name: string, node: ClusterNode, labels: Record<string, string> = {}): Promise<string> =>
  applyPod(world, toolboxPod(name, 'exec sleep 1000', {
    labels: { drained: 'yes', ...labels }, spec: { nodeSelector: { 'kubernetes.io/hostname': node.name }, volumes: [{ name: 'cache', emptyDir: {} }] },
  }));
const ready = (...names: string[]) => Promise.all(names.map((name) => podUntil(world, name, 'Ready', isPodReady)));
const budgetSays = (what: string, disruptionsAllowed: number, currentHealthy: number) => waitUntil(what, async () => {
  const { status } = await world.client.podDisruptionBudgets(world.namespace).get('web');
  return status?.disruptionsAllowed === disruptionsAllowed && status.currentHealthy === currentHealthy;
}, { timeoutMs: 20_000 });
const podsOnNode = async (): Promise<string[]> =>
  (await world.client.pods(world.namespace).list({ fieldSelector: `spec.nodeName=${drained.name}` })).items.map(({ metadata }) => metadata.name);

beforeAll(async () => {
  await openNamespace(world);
  for (const user of [real, ours]) user.inNamespace(world.namespace);
  await real.say('create', 'poddisruptionbudget', 'web', '--selector=app=web', '--min-available=1');
  await Promise.all([startPod('web-1', drained, { app: 'web' }), startPod('web-2', drained, { app: 'web' }), startPod('free', drained)]);
  await ready('web-1', 'web-2', 'free');
  await budgetSays('both pods to be counted', 1, 2);
});
afterAll(async () => {
  await ours.run(['uncordon', drained.name]);
  for (const user of [real, ours]) user.leave();
  await closeNamespace(world);
});

describe('a node that is drained with the real kubectl', () => {
  it('shows what its budget allows', async () => {
    expect(await real.say('get', 'pdb')).toMatch(/^NAME +MIN AVAILABLE +MAX UNAVAILABLE +ALLOWED DISRUPTIONS +AGE\nweb +1 +N\/A +1 +\d+s$/);
    expect(await real.say('describe', 'pdb', 'web')).toMatch(/Allowed disruptions: +1\n +Current: +2\n +Desired: +1\n +Total: +2/);
  });

  it('keeps what nobody would bring back, unless it is told', async () => {
    expect(await real.fail('drain', drained.name, '--pod-selector=drained=yes', '--dry-run=server')).toContain('cannot delete');
  });

  it('gives its pods away as their budget allows, and is empty once another is ready elsewhere', async () => {
    const draining = real.run(['drain', drained.name, ...flags]);
    await waitUntil('one of two to be left', async () => (await podsOnNode()).length === 1, { timeoutMs: 20_000 });
    const [left = ''] = await podsOnNode();
    await budgetSays('the last one to be held', 0, 1);
    await startPod('web-3', other, { app: 'web' });
    const { exitCode, stdout, stderr } = await draining;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining(
      `error when evicting pods/"${left}" -n "${world.namespace}" (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.`,
    ) as string });
    expect(stdout.split('\n')).toEqual(expect.arrayContaining([`node/${drained.name} cordoned`, 'pod/web-1 evicted', 'pod/web-2 evicted', 'pod/free evicted', `node/${drained.name} drained`]));
    expect([await podsOnNode(), (await world.client.nodes().get(drained.name)).spec?.unschedulable]).toEqual([[], true]);
  });
});

describe('a node that is drained with our kubectl', () => {
  it('takes pods again once it is uncordoned, and is emptied anew', async () => {
    expect(await ours.say('uncordon', drained.name)).toBe(`node/${drained.name} uncordoned`);
    await startPod('web-4', drained, { app: 'web' });
    await ready('web-4');
    await budgetSays('two to be there again', 1, 2);
    const { exitCode, stdout, stderr } = await ours.run(['drain', drained.name, ...flags]);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0, stderr: `Warning: deleting Pods that declare no controller: ${world.namespace}/web-4`,
      stdout: [`node/${drained.name} cordoned`, `evicting pod ${world.namespace}/web-4`, 'pod/web-4 evicted', `node/${drained.name} drained`].join('\n'),
    });
    expect(await ours.say('taint', 'nodes', drained.name, 'maintenance=now:PreferNoSchedule')).toBe(`node/${drained.name} tainted`);
    expect(await real.say('taint', 'nodes', drained.name, 'maintenance-')).toBe(`node/${drained.name} untainted`);
  });
});
