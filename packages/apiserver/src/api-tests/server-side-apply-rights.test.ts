import type { Agent } from 'undici';
import { beforeAll, describe, expect, it } from 'vitest';
import { useSecureServer } from '../testing/secure-server.ts';

const headers = { 'content-type': 'application/apply-patch+yaml' };

describe('a user who may patch nodes and not create them', () => {
  const server = useSecureServer();
  let admin: Agent;
  let controller: Agent;
  const applyAs = (agent: Agent, name: string) =>
    server.send(agent, 'PATCH', `/api/v1/nodes/${name}?fieldManager=m`, { headers, body: { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { a: 'b' } } } });

  beforeAll(async () => {
    admin = await server.agent('admin', 'system:masters');
    controller = await server.agent('system:kube-controller-manager');
    await server.send(admin, 'POST', '/api/v1/nodes', { body: { metadata: { name: 'there' } } });
  });

  it('applies to what is there', async () => {
    expect((await applyAs(controller, 'there')).code).toBe(200);
  });

  it('makes nothing by an apply', async () => {
    const { code, status } = await applyAs(controller, 'missing');
    expect([code, status.message]).toEqual([403, 'nodes "missing" is forbidden: User "system:kube-controller-manager" cannot create resource "nodes" in API group "" at the cluster scope']);
    expect((await server.send(admin, 'GET', '/api/v1/nodes/missing')).code).toBe(404);
    expect((await applyAs(admin, 'missing')).code).toBe(201);
  });
});
