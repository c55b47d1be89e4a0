import { join } from 'node:path';
import { isRunning, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';
import { KubectlUser, upstreamKubectls } from '../harness/upstream-kubectl.ts';

const world = e2eWorld('top');
const real = new KubectlUser(upstreamKubectls.oldest, world.cluster.kubeconfigPath);
const ours = new KubectlUser(join(import.meta.dirname, '../../bin/kubectl'), world.cluster.kubeconfigPath);

const rowsOf = (text: string): string[][] => text.split('\n').filter((line) => line !== '').map((line) => line.trim().split(/ {2,}/));
const firstColumn = (text: string): (string | undefined)[] => rowsOf(text).map(([name]) => name);
const amount = (cell = ''): number => Number.parseInt(cell, 10);

beforeAll(async () => {
  for (const user of [real, ours]) user.inNamespace(world.namespace);
  await openNamespace(world);
  const sidecar = { name: 'side', image: 'podling.local/toolbox:1', restartPolicy: 'Always', command: ['sleep', '1000'] };
  const atOnce = { terminationGracePeriodSeconds: 0 };
  const items = [
    toolboxPod('busy', 'while :; do :; done', { labels: { load: 'cpu' }, container: { resources: { limits: { cpu: '500m' } } }, spec: { ...atOnce, initContainers: [sidecar] } }),
    toolboxPod('filled', 'head -c 50000000 /dev/zero > /dev/shm/file; exec sleep 1000', { labels: { load: 'memory' }, spec: atOnce }),
  ];
  await real.pipe(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), 'apply', '-f', '-');
  await Promise.all(['busy', 'filled'].map((name) => podUntil(world, name, 'Running', isRunning)));
});

afterAll(async () => {
  for (const user of [real, ours]) user.leave();
  await closeNamespace(world);
});

describe('the real kubectl top', () => {
  it('shows what pods and containers use as soon as they run, sidecars too', async () => {
    const [pods, containers] = await Promise.all([real.say('top', 'pods'), real.say('top', 'pod', 'busy', '--containers')]);
    expect(firstColumn(pods)).toEqual(['NAME', 'busy', 'filled']);
    expect(rowsOf(containers).map((row) => row.slice(0, 2))).toEqual([['POD', 'NAME'], ['busy', 'main'], ['busy', 'side']]);
  });

  it('shows who uses most', async () => {
    await waitUntil('the memory of a full pod', async () => {
      const [[pod, , memory] = []] = rowsOf(await real.say('top', 'pods', '--no-headers', '--sort-by=memory'));
      return pod === 'filled' && amount(memory) >= 47 && amount(memory) < 100;
    }, { timeoutMs: 30_000 });
    const [byCpu, selected] = await Promise.all([real.say('top', 'pods', '--no-headers', '--sort-by=cpu'), real.say('top', 'pods', '--no-headers', '-l', 'load=cpu')]);
    expect(firstColumn(byCpu)).toEqual(['busy', 'filled']);
    expect(rowsOf(selected)).toHaveLength(1);
    const [[, cpu, memory] = []] = rowsOf(selected);
    expect(amount(cpu)).toBeGreaterThan(20);
    expect(amount(cpu)).toBeLessThan(700);
    expect(amount(memory)).toBeLessThan(40);
  });

  it('shows all namespaces, and what nodes use of what they have', async () => {
    const [all, nodes] = await Promise.all([real.say('top', 'pods', '-A'), real.say('top', 'nodes', '--no-headers')]);
    expect(rowsOf(all).map((row) => row.slice(0, 2))).toEqual(expect.arrayContaining([['NAMESPACE', 'NAME'], [world.namespace, 'busy'], [world.namespace, 'filled']]));
    expect(rowsOf(nodes)).toHaveLength(2);
    for (const [, ...cells] of rowsOf(nodes)) expect(cells.join(' ')).toMatch(/^\d+m \d+% \d+Mi \d+%$/);
  });

  it('lists the group itself', async () => {
    const [table, raw] = await Promise.all([real.say('get', 'podmetrics'), real.say('get', '--raw', '/apis/metrics.k8s.io/v1beta1/nodes')]);
    expect(rowsOf(table).map(([name, ...figures]) => [name, figures.length])).toEqual([['NAME', 3], ['busy', 3], ['filled', 3]]);
    expect(JSON.parse(raw)).toMatchObject({ kind: 'NodeMetricsList', items: [{ usage: {} }, { usage: {} }] });
  });

  it('works for a service account in its namespace, and for nobody without a role', async () => {
    const account = `--as=system:serviceaccount:${world.namespace}:default`;
    const [pods, nodes, stranger] = await Promise.all([real.say('top', 'pods', account, '--no-headers'), real.fail('top', 'nodes', account), real.fail('top', 'pods', '--as=jane')]);
    expect(firstColumn(pods)).toEqual(['busy', 'filled']);
    expect(nodes).toContain('nodes.metrics.k8s.io is forbidden');
    expect(stranger).toContain('pods.metrics.k8s.io is forbidden: User "jane" cannot list resource "pods" in API group "metrics.k8s.io"');
  });
});

describe('our kubectl top', () => {
  it.each([
    ['pods --containers --sort-by=memory'], ['nodes --sort-by=cpu'], ['pods -A --no-headers --field-selector=metadata.namespace=top --sum=false'], ['pods --sum -l load=cpu'],
  ])('prints the same: %s', async (line) => {
    const args = ['top', ...line.split(' ')];
    await waitUntil('the same from both', async () => {
      const [theirs, own] = await Promise.all([real.run(args), ours.run(args)]);
      return theirs.stdout + theirs.stderr !== '' && JSON.stringify(theirs) === JSON.stringify(own);
    }, { timeoutMs: 30_000 });
  });
});
