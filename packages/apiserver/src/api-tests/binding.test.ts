import { describe, expect, it } from 'vitest';
import type { Pod, Status } from '@podling/shared/api';
import { pods, useTestServer } from '../testing/test-server.ts';

const bindings = '/api/v1/namespaces/default/bindings';

describe('bindings of a namespace', () => {
  const server = useTestServer();

  it('name their pod themselves', async () => {
    await server.createPod('bound');
    const { code, body } = await server.send<Status>('POST', bindings, { body: { metadata: { name: 'bound' }, target: { kind: 'Node', name: 'node-1' } } });
    expect([code, body.status]).toEqual([201, 'Success']);
    expect((await server.send<Pod>('GET', `${pods}/bound`)).body.spec.nodeName).toBe('node-1');
  });

  it('are of the namespace in the path', async () => {
    await server.createPod('elsewhere');
    const body = { metadata: { name: 'elsewhere', namespace: 'other' }, target: { kind: 'Node', name: 'n' } };
    for (const path of [bindings, `${pods}/elsewhere/binding`]) {
      const answer = await server.send<Status>('POST', path, { body });
      expect([answer.code, answer.body.message]).toEqual([400, 'the namespace of the provided object does not match the namespace sent on the request']);
    }
    expect((await server.send('POST', '/api/v1/bindings', { body })).code).toBe(404);
  });

  it('must name one that is there', async () => {
    const nameless = await server.send<Status>('POST', bindings, { body: { metadata: {}, target: { name: 'n' } } });
    expect([nameless.code, nameless.body.message]).toEqual([400, 'Name parameter required.']);
    expect((await server.send('POST', bindings, { body: { metadata: { name: 'nobody' }, target: { name: 'n' } } })).code).toBe(404);
    expect((await server.send('GET', bindings)).code).toBe(405);
  });
});
