import { describe, expect, it } from 'vitest';
import type { KubeList, Pod, Status } from '@podling/shared/api';
import { pods, useTestServer } from '../testing/test-server.ts';

const merge = 'application/merge-patch+json';

describe('delete', () => {
  const server = useTestServer();
  const get = (name: string) => server.send<Pod>('GET', `${pods}/${name}`);

  it('removes a pod that no node holds at once', async () => {
    await server.createPod('unbound');
    const { code, body } = await server.send<Pod>('DELETE', `${pods}/unbound`);
    expect([code, body.kind]).toEqual([200, 'Pod']);
    expect((await get('unbound')).code).toBe(404);
  });

  it('marks a pod on a node and keeps it until grace 0', async () => {
    await server.createPod('held');
    await server.bindPod('held', 'node-1');
    const before = Date.now();
    const { body } = await server.send<Pod>('DELETE', `${pods}/held`);
    expect(body.metadata.deletionGracePeriodSeconds).toBe(30);
    expect(Date.parse(body.metadata.deletionTimestamp ?? '')).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000 + 30_000);
    expect((await get('held')).code).toBe(200);
    await server.send('DELETE', `${pods}/held`, { body: { gracePeriodSeconds: 0 } });
    expect((await get('held')).code).toBe(404);
  });

  it('lets a second delete shorten the grace, never lengthen it', async () => {
    await server.createPod('shorter');
    await server.bindPod('shorter', 'node-1');
    const first = await server.send<Pod>('DELETE', `${pods}/shorter?gracePeriodSeconds=20`);
    const longer = await server.send<Pod>('DELETE', `${pods}/shorter?gracePeriodSeconds=60`);
    expect(longer.body.metadata).toEqual(first.body.metadata);
    const shorter = await server.send<Pod>('DELETE', `${pods}/shorter?gracePeriodSeconds=5`);
    expect(shorter.body.metadata.deletionGracePeriodSeconds).toBe(5);
    const moved = Date.parse(first.body.metadata.deletionTimestamp ?? '') - Date.parse(shorter.body.metadata.deletionTimestamp ?? '');
    expect(moved).toBe(15_000);
  });

  it('removes a pod that has ended without waiting', async () => {
    await server.createPod('ended');
    await server.bindPod('ended', 'node-1');
    await server.send('PATCH', `${pods}/ended/status`, { body: { status: { phase: 'Succeeded' } }, contentType: merge });
    await server.send('DELETE', `${pods}/ended`);
    expect((await get('ended')).code).toBe(404);
  });

  it('honours finalizers: the last one to go takes the object along', async () => {
    await server.createPod('final', { metadata: { name: 'final', finalizers: ['example.com/hold'] } });
    const { body } = await server.send<Pod>('DELETE', `${pods}/final`, { body: { gracePeriodSeconds: 0 } });
    expect(body.metadata.deletionTimestamp).toBeDefined();
    expect((await get('final')).code).toBe(200);
    const added = await server.send('PATCH', `${pods}/final`, { body: { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } }, contentType: merge });
    expect(added.code).toBe(422);
    await server.send('PATCH', `${pods}/final`, { body: { metadata: { finalizers: null } }, contentType: merge });
    expect((await get('final')).code).toBe(404);
  });

  it('honours preconditions', async () => {
    const { metadata } = await server.createPod('precise');
    expect((await server.send('DELETE', `${pods}/precise`, { body: { preconditions: { uid: 'other' } } })).code).toBe(409);
    expect((await server.send('DELETE', `${pods}/precise`, { body: { preconditions: { resourceVersion: '1' } } })).code).toBe(409);
    expect((await server.send('DELETE', `${pods}/precise`, { body: { preconditions: { uid: metadata.uid } } })).code).toBe(200);
  });

  it('honours preconditions for each of a collection', async () => {
    const maps = '/api/v1/namespaces/default/configmaps';
    await server.send('POST', maps, { body: { metadata: { name: 'precise' } } });
    const answer = await server.send<Status>('DELETE', `${maps}?fieldSelector=metadata.name=precise`, { body: { preconditions: { uid: 'other' } } });
    expect([answer.code, answer.body.reason]).toEqual([409, 'Conflict']);
    expect((await server.send('GET', `${maps}/precise`)).code).toBe(200);
  });

  it('refuses a grace period in the query that no date can hold', async () => {
    await server.createPod('eternal');
    expect((await server.send('DELETE', `${pods}/eternal?gracePeriodSeconds=9000000000000`)).code).toBe(422);
  });

  it('answers with a Status for kinds that go without a trace', async () => {
    await server.send('POST', '/api/v1/nodes', { body: { metadata: { name: 'n1' } } });
    const { body } = await server.send<Status>('DELETE', '/api/v1/nodes/n1');
    expect(body).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'n1', kind: 'nodes' } });
    expect((await server.send('DELETE', '/api/v1/nodes/n1')).code).toBe(404);
  });

  it('of a collection needs a namespace', async () => {
    expect((await server.send('DELETE', '/api/v1/pods')).code).toBe(405);
  });

  it('writes nothing on a dry run', async () => {
    await server.createPod('dry', { metadata: { name: 'dry', labels: { app: 'dry' }, finalizers: ['example.com/hold'] } });
    const one = await server.send<Pod>('DELETE', `${pods}/dry`, { body: { dryRun: ['All'] } });
    expect([one.code, typeof one.body.metadata.deletionTimestamp]).toEqual([200, 'string']);
    expect((await server.send('DELETE', `${pods}?dryRun=All&labelSelector=app%3Ddry`)).code).toBe(200);
    expect((await get('dry')).body.metadata.deletionTimestamp).toBeUndefined();
  });

  it('takes a negative grace for one second', async () => {
    await server.createPod('hasty');
    await server.bindPod('hasty', 'node-1');
    const { body } = await server.send<Pod>('DELETE', `${pods}/hasty?gracePeriodSeconds=-1`);
    expect([body.metadata.deletionGracePeriodSeconds, body.metadata.generation]).toEqual([1, 2]);
  });

  it('sets no finalizer of a garbage collector that does not run', async () => {
    await server.createPod('parent');
    await server.send('DELETE', `${pods}/parent?propagationPolicy=Foreground`);
    expect((await get('parent')).code).toBe(404);
  });

  it('deletes a collection by selector', async () => {
    await server.createPod('keep', { metadata: { name: 'keep', labels: { app: 'keep' } } });
    await server.createPod('drop-1', { metadata: { name: 'drop-1', labels: { app: 'drop' } } });
    await server.createPod('drop-2', { metadata: { name: 'drop-2', labels: { app: 'drop' } } });
    const { body } = await server.send<KubeList<Pod>>('DELETE', `${pods}?labelSelector=app%3Ddrop`);
    expect(body.items.map(({ metadata }) => metadata.name)).toEqual(['drop-1', 'drop-2']);
    expect([(await get('keep')).code, (await get('drop-1')).code]).toEqual([200, 404]);
  });

  it.each([
    { gracePeriodSeconds: 'soon' }, { gracePeriodSeconds: 9e15 }, { propagationPolicy: 'Sideways' }, { preconditions: { uid: 1 } }, { preconditions: 5 }, [],
  ])('refuses the options %j', async (body) => {
    await server.createPod('patient').catch(() => undefined);
    expect([400, 422]).toContain((await server.send('DELETE', `${pods}/patient`, { body })).code);
    expect((await get('patient')).code).toBe(200);
  });
});

describe('options of a delete', () => {
  const server = useTestServer();

  it.each([
    ['?propagationPolicy=Sideways', {}, 'propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"'],
    ['?dryRun=Some', {}, 'dryRun: Unsupported value: ["Some"]: supported values: "All"'],
    ['', { propagationPolicy: 'Orphan', orphanDependents: true }, 'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set'],
    ['', { dryRun: ['Some'] }, 'dryRun: Unsupported value: ["Some"]: supported values: "All"'],
  ])('%s %j are refused with 422', async (query, body, why) => {
    const sent = query === '' ? { body } : {};
    const answer = await server.send<Status>('DELETE', `${pods}/any${query}`, sent);
    expect([answer.code, answer.body.message]).toEqual([422, `DeleteOptions.meta.k8s.io "" is invalid: ${why}`]);
  });

  it.each([[{ kind: 'Pod', apiVersion: 'v1' }], ['x'], [[]], [{ gracePeriodSeconds: 1.5 }]])('%j are refused with 400', async (body) => {
    expect((await server.send('DELETE', `${pods}/any`, { body })).code).toBe(400);
  });

  it('in the body count alone', async () => {
    await server.createPod('both');
    await server.send('DELETE', `${pods}/both?dryRun=All`, { body: {} });
    expect((await server.send('GET', `${pods}/both`)).code).toBe(404);
  });
});

describe('a delete with a garbage collector', () => {
  const server = useTestServer({ enableGarbageCollector: true });

  it.each([['Foreground', 'foregroundDeletion'], ['Orphan', 'orphan']])('%s waits for its finalizer', async (policy, finalizer) => {
    const name = policy.toLowerCase();
    await server.createPod(name);
    const { body } = await server.send<Pod>('DELETE', `${pods}/${name}?propagationPolicy=${policy}`);
    expect([body.metadata.finalizers, typeof body.metadata.deletionTimestamp]).toEqual([[finalizer], 'string']);
    await server.send('PATCH', `${pods}/${name}`, { body: { metadata: { finalizers: null } }, contentType: merge });
    expect((await server.send('GET', `${pods}/${name}`)).code).toBe(404);
  });

  it('can be told otherwise later', async () => {
    await server.createPod('undecided');
    await server.send('DELETE', `${pods}/undecided?propagationPolicy=Foreground`);
    const { body } = await server.send<Pod>('DELETE', `${pods}/undecided?propagationPolicy=Orphan`);
    expect(body.metadata.finalizers).toEqual(['orphan']);
    await server.send('DELETE', `${pods}/undecided?propagationPolicy=Background`);
    expect((await server.send('GET', `${pods}/undecided`)).code).toBe(404);
  });
});
