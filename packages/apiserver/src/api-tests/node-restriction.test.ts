import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Agent } from 'undici';
import type { KubeObject, Pod, Status, TokenRequest } from '@podling/shared/api';
import { useSecureServer } from '../testing/secure-server.ts';
import { podBody, pods } from '../testing/test-server.ts';

type Answer = { code: number; body: KubeObject & Status };

const labelled = 'application/merge-patch+json';
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

describe('a node', () => {
  const server = useSecureServer();
  let node: Agent;
  let admin: Agent;
  let mine: Pod;

  const send = async (agent: Agent, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Answer> => {
    const { code, text } = await server.send(agent, method, path, { body, headers: { 'content-type': method === 'PATCH' ? labelled : 'application/json' } });
    return { code, body: JSON.parse(text) as Answer['body'] };
  };
  const refused = async (...args: Parameters<typeof send>): Promise<string> => {
    const { code, body } = await send(...args);
    expect(code).toBe(403);
    return body.message ?? '';
  };

  beforeAll(async () => {
    [node, admin] = [await server.agent('system:node:n1', 'system:nodes'), await server.agent('admin', 'system:masters')];
    await send(node, 'POST', '/api/v1/nodes', { metadata: { name: 'n1', labels: { 'kubernetes.io/hostname': 'n1' } } });
    await send(admin, 'POST', '/api/v1/nodes', { metadata: { name: 'n2' } });
    await send(admin, 'POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
    for (const name of ['used', 'unused']) {
      await send(admin, 'POST', '/api/v1/namespaces/default/secrets', { metadata: { name } });
      await send(admin, 'POST', '/api/v1/namespaces/default/configmaps', { metadata: { name } });
    }
    const volumes = [
      { name: 'a', secret: { secretName: 'used' } }, { name: 'b', projected: { sources: [{ configMap: { name: 'used' } }, { serviceAccountToken: { path: 'token' } }] } },
    ];
    const own = podBody('mine');
    mine = (await send(admin, 'POST', pods, { ...own, spec: { ...own.spec, nodeName: 'n1', serviceAccountName: 'robot', volumes } })).body as unknown as Pod;
    await send(admin, 'POST', pods, podBody('foreign', { spec: { nodeName: 'n2', containers: [{ name: 'main', image: 'x' }] } }));
    await vi.waitFor(async () => expect((await send(node, 'GET', `${pods}/mine`)).code).toBe(200));
  });

  it('reads its own Node and pods, and no others', async () => {
    expect((await send(node, 'GET', '/api/v1/nodes/n1')).code).toBe(200);
    expect((await send(node, 'GET', '/api/v1/nodes?fieldSelector=metadata.name%3Dn1')).code).toBe(200);
    expect((await send(node, 'GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1')).code).toBe(200);
    expect(await refused(node, 'GET', '/api/v1/nodes')).toBe('nodes is forbidden: User "system:node:n1" cannot list resource "nodes" in API group "" at the cluster scope: node \'n1\' cannot read all nodes, only its own Node object');
    expect(await refused(node, 'GET', `${pods}/foreign`)).toContain("no relationship found between node 'n1' and this object");
    await refused(node, 'GET', '/api/v1/pods');
  });

  it.each(['secrets', 'configmaps'])('reads the %s that its pods use, and no others', async (resource) => {
    expect((await send(node, 'GET', `/api/v1/namespaces/default/${resource}/used`)).code).toBe(200);
    await refused(node, 'GET', `/api/v1/namespaces/default/${resource}/unused`);
    await refused(node, 'GET', `/api/v1/namespaces/default/${resource}`);
  });

  it('changes its own Node, but not what would draw pods to it', async () => {
    expect((await send(node, 'PATCH', '/api/v1/nodes/n1', { metadata: { labels: { 'node.kubernetes.io/colour': 'red', 'example.com/any': 'x' } } })).code).toBe(200);
    expect((await send(node, 'PATCH', '/api/v1/nodes/n1/status', { status: { phase: 'Running' } })).code).toBe(200);
    expect(await refused(node, 'PATCH', '/api/v1/nodes/n1', { metadata: { labels: { 'node-restriction.kubernetes.io/x': 'y' } } })).toBe('nodes "n1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/x');
    expect(await refused(node, 'PATCH', '/api/v1/nodes/n1', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })).toBe('nodes "n1" is forbidden: node "n1" is not allowed to modify taints');
    expect(await refused(node, 'PATCH', '/api/v1/nodes/n2', { metadata: { labels: { a: 'b' } } })).toBe('nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"');
    expect(await refused(node, 'POST', '/api/v1/nodes', { metadata: { name: 'n3' } })).toContain('is not allowed to modify node "n3"');
  });

  it('keeps its own lease', async () => {
    expect((await send(node, 'POST', leases, { metadata: { name: 'n1' } })).code).toBe(201);
    expect(await refused(node, 'POST', leases, { metadata: { name: 'n2' } })).toContain('can only access node lease with the same name as the requesting node');
    await refused(node, 'POST', '/apis/coordination.k8s.io/v1/namespaces/default/leases', { metadata: { name: 'n1' } });
  });

  it('writes the status of its pods, and of no others', async () => {
    expect((await send(node, 'PATCH', `${pods}/mine/status`, { status: { phase: 'Running' } })).code).toBe(200);
    expect(await refused(node, 'PATCH', `${pods}/foreign/status`, { status: { phase: 'Running' } })).toBe('pods "foreign" is forbidden: node "n1" can only update pod status for pods with spec.nodeName set to itself');
    expect(await refused(node, 'DELETE', `${pods}/foreign`)).toBe('pods "foreign" is forbidden: node "n1" can only delete pods with spec.nodeName set to itself');
    await refused(node, 'PATCH', `${pods}/mine`, { metadata: { labels: { a: 'b' } } });
  });

  it('creates no pods but mirrors of its own', async () => {
    expect(await refused(node, 'POST', pods, podBody('any'))).toBe('pods "any" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods');
    const { uid = '' } = (await send(node, 'GET', '/api/v1/nodes/n1')).body.metadata;
    const mirror = (parts: Partial<Pod['spec']>, owner: object = {}): object => ({
      ...podBody('mirror'), spec: { ...podBody('mirror').spec, nodeName: 'n1', ...parts },
      metadata: { name: 'mirror', annotations: { 'kubernetes.io/config.mirror': 'x' }, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n1', uid, controller: true, ...owner }] },
    });
    expect(await refused(node, 'POST', pods, mirror({ nodeName: 'n2' }))).toContain('can only create pods with spec.nodeName set to itself');
    expect(await refused(node, 'POST', pods, mirror({}, { name: 'n2' }))).toContain('can only create pods with an owner reference set to itself');
    expect(await refused(node, 'POST', pods, mirror({}, { uid: 'other' }))).toContain('UID mismatch');
    expect(await refused(node, 'POST', pods, mirror({ volumes: [{ name: 'v', secret: { secretName: 'unused' } }] }))).toContain('can not create pods that reference secrets');
    expect((await send(node, 'POST', pods, mirror({}))).code).toBe(201);
  });

  it('gets tokens for its pods alone', async () => {
    const path = '/api/v1/namespaces/default/serviceaccounts/robot/token';
    const bound = (uid: string | undefined, more: object = {}): object => ({ spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'mine', ...(uid === undefined ? {} : { uid }) }, ...more } });
    expect(((await send(node, 'POST', path, bound(mine.metadata.uid))).body as unknown as TokenRequest).status?.token).toBeTruthy();
    expect(await refused(node, 'POST', path, {})).toContain('node requested token not bound to a pod');
    expect(await refused(node, 'POST', path, bound(undefined))).toContain('node requested token with a pod binding without a uid');
    expect(await refused(node, 'POST', path, bound('other'))).toContain('does not match the UID in record');
    expect(await refused(node, 'POST', path, bound(mine.metadata.uid, { audiences: ['vault'] }))).toContain('audience "vault" not found in pod spec volume');
    await refused(node, 'POST', '/api/v1/namespaces/default/serviceaccounts/other/token', {});
  });
});
