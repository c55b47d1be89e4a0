import { newForbidden, newNotFound, newStatusError, newTooManyRequests } from '@podling/shared/api';
import type { Node, Pod } from '@podling/shared/api';
import { FakeClock, buildNode, buildPod, settle } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { Factory } from '../factory.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { kubectl } from '../testing/run.ts';
import { drainNodes } from './drain.ts';
import type { DrainOptions } from './drain.ts';

const refused = newTooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 0);
const cores = { groupVersion: 'v1', resources: [
  { name: 'pods', singularName: 'pod', kind: 'Pod', namespaced: true }, { name: 'nodes', singularName: 'node', kind: 'Node', namespaced: false },
  { name: 'pods/eviction', kind: 'Eviction', group: 'policy', version: 'v1', namespaced: true },
] };

/** A cluster of one node: what is evicted or deleted is gone. */
class Cluster extends FakeApi {
  readonly pods = new Map<string, Pod>();
  readonly evicted: string[] = [];
  readonly deleted: string[] = [];
  node: Node = buildNode({ name: 'n' });

  constructor(...pods: Pod[]) {
    super();
    this.on('GET /api/v1', cores);
    this.on('GET /api/v1/nodes/n', () => this.node);
    this.on('PATCH /api/v1/nodes/n', () => this.node);
    this.on('GET /api/v1/pods', () => ({ kind: 'PodList', metadata: {}, items: [...this.pods.values()] }));
    for (const pod of pods) this.add(pod);
  }

  add(pod: Pod): void {
    const { name, namespace = '' } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const end = (list: string[]) => () => {
      if (!this.pods.delete(name)) throw newNotFound({ group: '', resource: 'pods' }, name);
      list.push(name);
      return { kind: 'Status', status: 'Success' };
    };
    this.pods.set(name, { ...pod, metadata: { ...pod.metadata, uid: `${name}-uid` } });
    this.on(`GET ${path}`, () => this.pods.get(name) ?? newNotFound({ group: '', resource: 'pods' }, name));
    this.on(`POST ${path}/eviction`, end(this.evicted));
    this.on(`DELETE ${path}`, end(this.deleted));
    this.on(`WATCH /api/v1/namespaces/${namespace}/pods`, ({ signal }: { signal?: AbortSignal }) => ended(signal));
  }
}

/** A watch in which nothing happens. */
async function* ended(signal: AbortSignal | undefined): AsyncGenerator<never> {
  await new Promise((_resolve, reject) => {
    if (signal?.aborted) reject(signal.reason as Error);
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  yield* [];
}

interface PodParts {
  owner?: string;
  phase?: 'Running' | 'Succeeded' | 'Failed';
  emptyDir?: boolean;
  metadata?: Partial<Pod['metadata']>;
}

function aPod(name: string, { owner = 'ReplicaSet', phase = 'Running', emptyDir = false, metadata = {} }: PodParts = {}): Pod {
  const pod = buildPod({ name, nodeName: 'n', phase, ...(emptyDir ? { spec: { volumes: [{ name: 'cache', emptyDir: {} }] } } : {}) });
  const ownerReferences = owner === '' ? {} : { ownerReferences: [{ apiVersion: 'apps/v1', kind: owner, name: 'owner', uid: 'u', controller: true }] };
  return { ...pod, metadata: { ...pod.metadata, ...ownerReferences, ...metadata } };
}

const mirror = (): Pod => aPod('static', { metadata: { annotations: { 'kubernetes.io/config.mirror': 'hash' } } });
const drain = (api: FakeApi, flags = '', io = new FakeIo()) => kubectl(api, `drain n ${flags}`, io);

describe('drain', () => {
  it('cordons the node, evicts its pods and says so once they are gone', async () => {
    const api = new Cluster(aPod('a'), aPod('b'));
    const { exitCode, stdout, stderr } = await drain(api);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(0, 3)).toEqual(['node/n cordoned', 'evicting pod default/a', 'evicting pod default/b']);
    expect(stdout.split('\n').slice(3).toSorted()).toEqual(['', 'node/n drained', 'pod/a evicted', 'pod/b evicted']);
    expect(api.sent('PATCH').map(({ body }) => body)).toEqual([{ spec: { unschedulable: true } }]);
    expect(api.sent('POST')[0]?.body).toEqual({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a', namespace: 'default' }, deleteOptions: {} });
    expect(api.sent('GET').find(({ path }) => path === '/api/v1/pods')?.query).toMatchObject({ fieldSelector: 'spec.nodeName=n' });
  });

  it('passes on the grace period and the selector of pods', async () => {
    const api = new Cluster(aPod('a'));
    await drain(api, '--grace-period=7 --pod-selector=app=web');
    expect(api.sent('POST')[0]?.body).toMatchObject({ deleteOptions: { gracePeriodSeconds: 7 } });
    expect(api.sent('GET').find(({ path }) => path === '/api/v1/pods')?.query).toMatchObject({ labelSelector: 'app=web' });
  });

  it.each<[string, Pod, string, string, string]>([
    ['that nobody brings back', aPod('a', { owner: '' }), 'Pods that declare no controller (use --force to override)', '--force', 'deleting Pods that declare no controller: default/a'],
    ['with data of their own', aPod('a', { emptyDir: true }), 'Pods with local storage (use --delete-emptydir-data to override)', '--delete-emptydir-data', ''],
  ])('refuses pods %s, unless told', async (_what, pod, message, flag, warning) => {
    const api = new Cluster(pod);
    const refusal = await drain(api);
    const text = `cannot delete ${message}: default/a`;
    expect(refusal).toEqual({
      exitCode: 1, stdout: 'node/n cordoned\n',
      stderr: `error: unable to drain node "n" due to error: ${text}, continuing command...\nThere are pending nodes to be drained:\n n\n${text}\n`,
    });
    expect(api.evicted).toEqual([]);
    const { exitCode, stderr } = await drain(api, flag);
    expect([exitCode, stderr, api.evicted]).toEqual([0, warning === '' ? '' : `Warning: ${warning}\n`, ['a']]);
  });

  it('names every reason against it, with all of their pods', async () => {
    const { exitCode, stderr } = await drain(new Cluster(aPod('a', { owner: '' }), aPod('b', { owner: '' }), aPod('c', { emptyDir: true }), aPod('d')));
    const [one, two] = ['cannot delete Pods that declare no controller (use --force to override): default/a, default/b', 'cannot delete Pods with local storage (use --delete-emptydir-data to override): default/c'];
    expect([exitCode, stderr]).toEqual([
      1, `error: unable to drain node "n" due to error: [${one}, ${two}], continuing command...\nThere are pending nodes to be drained:\n n\n${one}\n${two}\n`,
    ]);
  });

  it('leaves mirror pods, takes finished ones whatever they are', async () => {
    const api = new Cluster(mirror(), aPod('done', { owner: '', phase: 'Succeeded', emptyDir: true }), aPod('failed', { owner: 'DaemonSet', phase: 'Failed' }));
    expect((await drain(api)).exitCode).toBe(0);
    expect(api.evicted).toEqual(['done', 'failed']);
  });

  it('leaves the pods of a DaemonSet, if it may ignore them', async () => {
    const api = new Cluster(aPod('daemon', { owner: 'DaemonSet' }), aPod('a'));
    api.on('GET /apis/apps/v1/namespaces/default/daemonsets/owner', { metadata: { name: 'owner' } });
    expect((await drain(api)).stderr).toContain('cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/daemon');
    const { exitCode, stderr } = await drain(api, '--ignore-daemonsets');
    expect([exitCode, stderr, api.evicted]).toEqual([0, 'Warning: ignoring DaemonSet-managed Pods: default/daemon\n', ['a']]);
  });

  it('takes the pods of a DaemonSet that is gone only by force', async () => {
    const api = new Cluster(aPod('daemon', { owner: 'DaemonSet' }));
    expect((await drain(api, '--ignore-daemonsets')).stderr).toContain('cannot delete daemonsets "owner" not found: default/daemon');
    expect([(await drain(api, '--force')).exitCode, api.evicted]).toEqual([0, ['daemon']]);
  });

  it('deletes, where it is told to or evictions are unknown', async () => {
    const told = new Cluster(aPod('a'));
    expect((await drain(told, '--disable-eviction --grace-period=3')).stdout).toBe('node/n cordoned\npod/a deleted\nnode/n drained\n');
    expect([told.evicted, told.deleted, told.sent('DELETE')[0]?.body]).toEqual([[], ['a'], { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 3 }]);
    const old = new Cluster(aPod('a')).on('GET /api/v1', { ...cores, resources: cores.resources.slice(0, 2) }) as Cluster;
    await drain(old);
    expect([old.evicted, old.deleted]).toEqual([[], ['a']]);
  });

  it('changes nothing in a dry run', async () => {
    const api = new Cluster(aPod('a'));
    expect(await drain(api, '--dry-run=client')).toEqual({
      exitCode: 0, stderr: '', stdout: 'node/n cordoned (dry run)\nevicting pod default/a (dry run)\nnode/n drained (dry run)\n',
    });
    expect(api.requests.filter(({ method = 'GET' }) => method !== 'GET')).toEqual([]);
    expect((await drain(api, '--dry-run=server')).stdout).toBe('node/n cordoned (server dry run)\nevicting pod default/a (server dry run)\nnode/n drained (server dry run)\n');
    expect([api.sent('PATCH')[0]?.query, api.sent('POST')[0]?.body]).toMatchObject([{ dryRun: 'All' }, { deleteOptions: { dryRun: ['All'] } }]);
  });

  it('takes a pod that is gone already for evicted', async () => {
    const api = new Cluster(aPod('a')).on('POST /api/v1/namespaces/default/pods/a/eviction', newNotFound({ group: '', resource: 'pods' }, 'a'));
    expect(await drain(api)).toMatchObject({ exitCode: 0, stdout: 'node/n cordoned\nevicting pod default/a\nnode/n drained\n' });
  });

  it('says which pods are left when an eviction fails, after the others', async () => {
    const api = new Cluster(aPod('a'), aPod('b'));
    api.on('POST /api/v1/namespaces/default/pods/a/eviction', newStatusError({ code: 500, reason: 'InternalError', message: 'two budgets' }));
    const { exitCode, stdout, stderr } = await drain(api);
    const text = 'error when evicting pods/"a" -n "default": two budgets';
    expect([exitCode, stderr]).toEqual([1, [
      `There are pending pods in node "n" when an error occurred: ${text}`, 'pod/a',
      `error: unable to drain node "n" due to error: ${text}, continuing command...`, 'There are pending nodes to be drained:', ' n', text, '',
    ].join('\n')]);
    expect(stdout).toContain('pod/b evicted');
  });

  it.each<[string, string, string]>([
    ['drain', 'drain', "error: USAGE: drain NODE [flags]\nSee 'kubectl drain -h' for help and examples\n"],
    ['a node and a selector', 'drain n -l a=b', "error: cannot specify both a node name and a --selector option\nSee 'kubectl drain -h' for help and examples\n"],
    ['a pod', 'drain pod/a', 'error: expected resource of type node, got "pods"\n'],
    ['a node that is not there', 'drain x', 'Error from server (NotFound): nodes "x" not found\n'],
    ['a selector that is none', 'drain n --pod-selector=a=b=c', 'error: --pod-selector=<pod_selector> must be a valid label selector\n'],
    ['a grace that is no number', 'drain n --grace-period=soon', `error: invalid argument "soon" for "--grace-period" flag: strconv.ParseInt: parsing "soon": invalid syntax\nSee 'kubectl drain --help' for usage.\n`],
  ])('is refused with %s', async (_what, line, stderr) => {
    const api = new Cluster(aPod('a'));
    expect(await kubectl(api, line)).toEqual({ exitCode: 1, stdout: expect.any(String) as string, stderr });
    expect(api.evicted).toEqual([]);
  });

  it('touches nothing when one of several nodes is missing', async () => {
    const api = new Cluster(aPod('a'));
    expect((await kubectl(api, 'drain n x')).exitCode).toBe(1);
    expect(api.requests.filter(({ method = 'GET' }) => method !== 'GET')).toEqual([]);
  });
});

describe('a drain that has to wait', () => {
  const options: DrainOptions = { gracePeriod: -1, timeout: '0', skipWaitForDeleteTimeout: 0 };
  const evictionOfA = 'POST /api/v1/namespaces/default/pods/a/eviction';

  function start(api: FakeApi, parts: Partial<DrainOptions> = {}) {
    const io = new FakeIo();
    const clock = new FakeClock();
    io.env['KUBECONFIG'] = '/nonexistent/kubeconfig';
    const factory = new Factory(io, { server: api.config.server }, () => api);
    return { io, clock, done: drainNodes(factory, ['n'], { ...options, ...parts }, clock) };
  }

  it('asks a budget again every five seconds', async () => {
    const api = new Cluster(aPod('a'));
    let asked = 0;
    api.on(evictionOfA, () => ((asked += 1) < 3 ? refused : (api.pods.delete('a'), {})));
    const { io, clock, done } = start(api);
    await settle();
    expect(asked).toBe(1);
    await clock.advance(4_999);
    expect(asked).toBe(1);
    await clock.advance(1);
    expect(asked).toBe(2);
    await clock.advance(5_000);
    expect(await done).toBe(0);
    const line = `error when evicting pods/"a" -n "default" (will retry after 5s): ${refused.message}\n`;
    expect(io.stderr).toBe(line + line);
    expect(io.stdout).toBe(`node/n cordoned\n${'evicting pod default/a\n'.repeat(3)}pod/a evicted\nnode/n drained\n`);
  });

  it('waits for a pod in a namespace that goes, and asks no more once the pod goes too', async () => {
    const api = new Cluster(aPod('a'));
    const terminating = newForbidden({ group: '', resource: 'pods' }, 'a', 'the namespace goes');
    terminating.status.details = { ...terminating.status.details, causes: [{ reason: 'NamespaceTerminating', message: 'namespace default is being terminated' }] };
    let asked = 0;
    api.on(evictionOfA, () => {
      asked += 1;
      const pod = api.pods.get('a') as Pod;
      if (asked === 2) api.pods.delete('a');
      else api.pods.set('a', { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2024-01-01T00:00:00Z' } });
      return terminating;
    });
    const { io, clock, done } = start(api);
    await settle();
    expect(io.stderr).toContain('error when evicting pod "a" from terminating namespace "default" (will retry after 5s)');
    await clock.advance(5_000);
    expect([await done, asked]).toEqual([0, 2]);
  });

  it('gives up when its time is over, before an eviction', async () => {
    const api = new Cluster(aPod('a')).on(evictionOfA, refused);
    const { io, clock, done } = start(api, { timeout: '12s' });
    for (let elapsed = 0; elapsed < 12; elapsed += 1) await clock.advance(1_000);
    expect(await done).toBe(1);
    expect(io.stderr).toContain('error when evicting pods/"a" -n "default": global timeout reached: 12s');
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up when its time is over, while a pod takes its time', async () => {
    const api = new Cluster(aPod('a')).on(evictionOfA, {});
    const { io, clock, done } = start(api, { timeout: '12s' });
    await settle();
    await clock.advance(12_000);
    expect(await done).toBe(1);
    expect(io.stdout).toContain('pod/a eviction failed\n');
    expect(io.stderr).toContain('error when waiting for pod "a" in namespace "default" to terminate: context deadline exceeded');
  });

  it('does not wait for a pod that should have gone long ago', async () => {
    const api = new Cluster(aPod('a'));
    const { io, clock, done } = start(api, { skipWaitForDeleteTimeout: 30 });
    const pod = api.pods.get('a') as Pod;
    api.on(evictionOfA, () => {
      api.pods.set('a', { ...pod, metadata: { ...pod.metadata, deletionTimestamp: new Date(clock.now()).toISOString() } });
      return {};
    });
    await settle();
    await clock.advance(29_000);
    expect(io.stdout).not.toContain('skipping');
    await clock.advance(1_000);
    expect(await done).toBe(0);
    expect(io.stdout).toContain('pod "a" has DeletionTimestamp older than 30 seconds, skipping\n');
  });
});
