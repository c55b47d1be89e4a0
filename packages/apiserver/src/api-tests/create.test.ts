import { describe, expect, it } from 'vitest';
import type { Pod } from '@podling/shared/api';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

describe('create', () => {
  const server = useTestServer();

  it('answers 201 with what the server sets', async () => {
    const { code, body } = await server.send<Pod>('POST', pods, { body: podBody('set') });
    expect(code).toBe(201);
    expect(body.metadata).toMatchObject({ name: 'set', namespace: 'default', generation: 1 });
    expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.metadata.resourceVersion).toMatch(/^\d+$/);
    expect(Date.parse(body.metadata.creationTimestamp ?? '')).not.toBeNaN();
    expect(body.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
  });

  it('ignores a status and a uid that the creator sends', async () => {
    const sent = podBody('fresh', { metadata: { name: 'fresh', uid: 'mine' }, status: { phase: 'Running' } });
    const { body } = await server.send<Pod>('POST', pods, { body: sent });
    expect(body.metadata.uid).not.toBe('mine');
    expect(body.status?.phase).toBe('Pending');
  });

  it('refuses a resourceVersion, and an object without a namespace in the path', async () => {
    const versioned = await server.send('POST', pods, { body: podBody('versioned', { metadata: { name: 'versioned', resourceVersion: '77' } }) });
    expect([versioned.code, versioned.body.message]).toEqual([400, 'resourceVersion should not be set on objects to be created']);
    expect((await server.send('POST', '/api/v1/pods', { body: podBody('nowhere') })).code).toBe(405);
  });

  it('makes a name from generateName', async () => {
    const { body } = await server.send<Pod>('POST', pods, { body: { ...podBody(''), metadata: { generateName: 'job-' } } });
    expect(body.metadata.name).toMatch(/^job-[a-z0-9]{5}$/);
  });

  it('tells the classes of service apart', async () => {
    const withResources = (resources: object): Pod['spec'] => ({ containers: [{ name: 'main', image: 'x', resources }] });
    const limits = { cpu: '500m', memory: '64Mi' };
    const guaranteed = await server.createPod('guaranteed', { spec: withResources({ limits }) });
    const burstable = await server.createPod('burstable', { spec: withResources({ requests: { cpu: '100m' }, limits }) });
    expect([guaranteed.status?.qosClass, burstable.status?.qosClass]).toEqual(['Guaranteed', 'Burstable']);
  });

  it('lets a pod stay five minutes on a node that is lost, unless it says otherwise', async () => {
    const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists' as const, effect: 'NoExecute' as const, tolerationSeconds: 5 };
    const { spec } = await server.createPod('tolerant', { spec: { ...podBody('x').spec, tolerations: [own] } });
    expect(spec.tolerations).toEqual([own, { ...own, key: 'node.kubernetes.io/unreachable', tolerationSeconds: 300 }]);
  });

  it('refuses a second object of the name with 409', async () => {
    await server.createPod('twice');
    const { code, body } = await server.send('POST', pods, { body: podBody('twice') });
    expect(code).toBe(409);
    expect(body).toMatchObject({ kind: 'Status', reason: 'AlreadyExists', message: 'pods "twice" already exists', details: { name: 'twice', kind: 'pods' } });
  });

  it('writes nothing on a dry run, and refuses what it would refuse', async () => {
    const dry = await server.send<Pod>('POST', `${pods}?dryRun=All`, { body: podBody('dry') });
    expect(dry.code).toBe(201);
    expect((await server.send('GET', `${pods}/dry`)).code).toBe(404);
    await server.createPod('wet');
    expect((await server.send('POST', `${pods}?dryRun=All`, { body: podBody('wet') })).code).toBe(409);
  });

  it('takes YAML', async () => {
    const yaml = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: from-yaml\nspec:\n  containers:\n  - name: main\n    image: x\n';
    expect((await server.send('POST', pods, { body: yaml, contentType: 'application/yaml' })).code).toBe(201);
  });

  it('refuses creation in a namespace that is not there with 404', async () => {
    const { code, body } = await server.send('POST', '/api/v1/namespaces/nowhere/pods', { body: podBody('a') });
    expect(code).toBe(404);
    expect(body.message).toBe('namespaces "nowhere" not found');
  });

  it('refuses an object of another namespace than the path', async () => {
    const { code } = await server.send('POST', pods, { body: podBody('a', { metadata: { name: 'a', namespace: 'kube-system' } }) });
    expect(code).toBe(400);
  });
});
