import { describe, expect, it } from 'vitest';
import type { Node, Pod, Status } from '@podling/shared/api';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

const merge = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';

describe('update', () => {
  const server = useTestServer();

  it('refuses a stale resourceVersion with 409', async () => {
    const pod = await server.createPod('stale');
    await server.send('PATCH', `${pods}/stale`, { body: { metadata: { labels: { a: 'b' } } }, contentType: merge });
    const { code, body } = await server.send<Status>('PUT', `${pods}/stale`, { body: pod });
    expect(code).toBe(409);
    expect(body).toMatchObject({
      reason: 'Conflict',
      message: 'Operation cannot be fulfilled on pods "stale": the object has been modified; please apply your changes to the latest version and try again',
    });
  });

  it('refuses what was meant for a namesake with 409', async () => {
    const before = await server.createPod('namesake');
    await server.send('DELETE', `${pods}/namesake`);
    await server.createPod('namesake');
    delete before.metadata.resourceVersion;
    const { code } = await server.send('PUT', `${pods}/namesake/status`, { body: { ...before, status: { phase: 'Running' } } });
    expect(code).toBe(409);
  });

  it('does not resurrect: a write to what is gone is 404', async () => {
    const pod = await server.createPod('gone');
    await server.send('DELETE', `${pods}/gone`);
    expect((await server.send('PUT', `${pods}/gone/status`, { body: { ...pod, status: { phase: 'Running' } } })).code).toBe(404);
    expect((await server.send('PATCH', `${pods}/gone/status`, { body: { status: {} }, contentType: merge })).code).toBe(404);
    expect((await server.send('GET', `${pods}/gone`)).code).toBe(404);
  });

  it('changes the spec only where Kubernetes allows it', async () => {
    await server.createPod('spec');
    const image = await server.send<Pod>('PATCH', `${pods}/spec`, { body: { spec: { containers: [{ name: 'main', image: 'other:2' }] } }, contentType: strategic });
    expect(image.code).toBe(200);
    expect(image.body.spec.containers).toMatchObject([{ name: 'main', image: 'other:2' }]);
    expect(image.body.metadata.generation).toBe(2);
    const command = await server.send<Status>('PATCH', `${pods}/spec`, { body: { spec: { containers: [{ name: 'main', command: ['sh'] }] } }, contentType: strategic });
    expect(command.code).toBe(422);
    expect(command.body.details?.causes).toMatchObject([{ field: 'spec', reason: 'FieldValueForbidden' }]);
  });

  it('keeps status and spec apart', async () => {
    await server.createPod('apart');
    const spec = await server.send<Pod>('PATCH', `${pods}/apart`, { body: { status: { phase: 'Failed' } }, contentType: merge });
    expect(spec.body.status?.phase).toBe('Pending');
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y' };
    const body = { metadata: { labels: { a: 'b' }, ownerReferences: [owner] }, spec: { nodeName: 'n' }, status: { phase: 'Running', podIP: '10.0.0.1' } };
    const status = await server.send<Pod>('PATCH', `${pods}/apart/status`, { body, contentType: merge });
    expect(status.body.status).toMatchObject({ phase: 'Running', podIP: '10.0.0.1', qosClass: 'BestEffort' });
    expect([status.body.spec.nodeName, status.body.metadata.labels, status.body.metadata.ownerReferences]).toEqual([undefined, { a: 'b' }, undefined]);
  });

  it('merges conditions by type in a strategic merge patch', async () => {
    const node: Node = { metadata: { name: 'merged' }, status: { conditions: [{ type: 'Ready', status: 'False' }, { type: 'DiskPressure', status: 'False' }] } };
    await server.send('POST', '/api/v1/nodes', { body: node });
    const patch = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
    const { body } = await server.send<Node>('PATCH', '/api/v1/nodes/merged/status', { body: patch, contentType: strategic });
    expect(body.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual(['Ready=True', 'DiskPressure=False']);
  });

  it('applies a JSON patch as a whole or not at all', async () => {
    await server.createPod('json');
    const add = { op: 'add', path: '/metadata/labels', value: { a: '1' } };
    const good = await server.send<Pod>('PATCH', `${pods}/json`, { body: [add], contentType: 'application/json-patch+json' });
    expect(good.body.metadata.labels).toEqual({ a: '1' });
    const operations = [{ op: 'replace', path: '/metadata/labels/a', value: '2' }, { op: 'test', path: '/metadata/name', value: 'other' }];
    expect((await server.send('PATCH', `${pods}/json`, { body: operations, contentType: 'application/json-patch+json' })).code).toBe(422);
    expect((await server.send<Pod>('GET', `${pods}/json`)).body.metadata.labels).toEqual({ a: '1' });
  });

  it('refuses a patch of an unknown type with 415', async () => {
    await server.createPod('typed');
    expect((await server.send('PATCH', `${pods}/typed`, { body: {}, contentType: 'application/json' })).code).toBe(415);
  });

  it('loses none of many patches at once', async () => {
    await server.createPod('busy');
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    const answers = await Promise.all(keys.map((key) => server.send('PATCH', `${pods}/busy`, { body: { metadata: { labels: { [key]: 'x' } } }, contentType: merge })));
    expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([200]));
    expect(Object.keys((await server.send<Pod>('GET', `${pods}/busy`)).body.metadata.labels ?? {})).toHaveLength(20);
  });

  it('writes nothing when nothing changes', async () => {
    const { metadata } = await server.createPod('same');
    const { body } = await server.send<Pod>('PATCH', `${pods}/same`, { body: {}, contentType: merge });
    expect(body.metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  it('creates what is not there for the kinds that Kubernetes lets', async () => {
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
    expect((await server.send('PUT', `${leases}/made`, { body: { metadata: { name: 'made' } } })).code).toBe(201);
    expect((await server.send('PUT', `${leases}/made`, { body: { metadata: { name: 'other' } } })).code).toBe(400);
    expect((await server.send('PUT', `${leases}/dry?dryRun=All`, { body: { metadata: { name: 'dry' } } })).code).toBe(201);
    expect((await server.send('GET', `${leases}/dry`)).code).toBe(404);
    expect((await server.send('PUT', `${pods}/unmade`, { body: podBody('unmade') })).code).toBe(404);
  });

  it('wants a resourceVersion where an unconditional update is not allowed', async () => {
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
    await server.send('POST', leases, { body: { metadata: { name: 'n' }, spec: { holderIdentity: 'n' } } });
    const { code, body } = await server.send<Status>('PUT', `${leases}/n`, { body: { metadata: { name: 'n' }, spec: { holderIdentity: 'm' } } });
    expect(code).toBe(422);
    expect(body.message).toBe('leases.coordination.k8s.io "n" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update');
    expect(body.details).toMatchObject({ group: 'coordination.k8s.io', kind: 'leases', causes: [{ field: 'metadata.resourceVersion' }] });
  });
});

describe('binding', () => {
  const server = useTestServer();

  it('sets the node once, and PodScheduled with it', async () => {
    await server.createPod('bound');
    await server.bindPod('bound', 'node-1');
    const { body } = await server.send<Pod>('GET', `${pods}/bound`);
    expect(body.spec.nodeName).toBe('node-1');
    expect(body.status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
    const again = await server.send('POST', `${pods}/bound/binding`, { body: { metadata: { name: 'bound' }, target: { name: 'node-2' } } });
    expect([again.code, again.body.message]).toEqual([409, 'Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "node-1"']);
  });

  it('binds only the pod that was meant', async () => {
    await server.createPod('other');
    const { code } = await server.send('POST', `${pods}/other/binding`, { body: { metadata: { name: 'other', uid: 'not-this' }, target: { name: 'n' } } });
    expect(code).toBe(409);
    expect((await server.send('POST', `${pods}/nobody/binding`, { body: { metadata: { name: 'nobody' }, target: { name: 'n' } } })).code).toBe(404);
    expect((await server.send('POST', `${pods}/other/binding`, { body: { metadata: {}, target: { name: 'n' } } })).code).toBe(400);
    expect((await server.send('POST', `${pods}/other/binding`, { body: { metadata: { name: 'other' }, target: {} } })).code).toBe(422);
  });

  it('lets one of many binders win', async () => {
    await server.createPod('raced');
    const nodes = Array.from({ length: 10 }, (_, index) => `node-${index}`);
    const answers = await Promise.all(nodes.map((name) => server.send('POST', `${pods}/raced/binding`, { body: { metadata: { name: 'raced' }, target: { name } } })));
    expect(answers.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  it('is the only way to a node after creation', async () => {
    const pod = await server.createPod('fixed');
    const { code } = await server.send('PUT', `${pods}/fixed`, { body: { ...pod, spec: { ...pod.spec, nodeName: 'n' } } });
    expect(code).toBe(422);
    expect((await server.send('POST', pods, { body: podBody('static', { spec: { ...podBody('x').spec, nodeName: 'n' } }) })).code).toBe(201);
  });
});
