import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { TokenRequest } from '@podling/shared/api';
import { WebSocket } from 'ws';
import { beforeAll, describe, expect, it } from 'vitest';
import { useTestServer } from '../testing/test-server.ts';

const inProtocol = (token: string): string => `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;

describe('a bearer token among the subprotocols of a WebSocket', () => {
  const server = useTestServer();
  let token = '';

  beforeAll(async () => {
    await server.send('POST', '/api/v1/namespaces/default/serviceaccounts', { body: { metadata: { name: 'robot' } } });
    token = inProtocol((await server.send<TokenRequest>('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', { body: {} })).body.status?.token ?? '');
  });

  /** The subprotocol that was agreed on, or the status of the refusal. */
  const answer = async (path: string, ...protocols: string[]): Promise<string | number | undefined> => {
    const socket = new WebSocket(server.url.replace('http', 'ws') + path, protocols).on('error', () => undefined);
    const refused = once(socket, 'unexpected-response').then((words) => (words as [unknown, IncomingMessage])[1].statusCode);
    const agreed = once(socket, 'open').then(() => socket.protocol);
    try {
      return await Promise.any([refused, agreed]);
    } finally {
      socket.terminate();
    }
  };

  it('says who asks, and is not answered with', async () => {
    expect(await answer('/api/v1/namespaces/default/pods?watch=1', token, 'any')).toBe('any');
    expect(await answer('/api/v1/namespaces/default/pods?watch=1', 'any', token)).toBe('any');
    expect(await answer('/api/v1/secrets?watch=1', token, 'any')).toBe(403);
    expect(await answer('/api/v1/namespaces/default/pods/web/exec?command=id&stdout=1', token, 'v5.channel.k8s.io')).toBe(403);
  });

  it.each([
    ['alone', () => [token]],
    ['twice', () => [token, `${token}x`, 'any']],
    ['of nobody', () => [inProtocol('nobody'), 'any']],
    ['that is no base64url', () => ['base64url.bearer.authorization.k8s.io.a+b', 'any']],
    ['that is no text', () => [`base64url.bearer.authorization.k8s.io.${Buffer.from([0xff, 0xfe]).toString('base64url')}`, 'any']],
  ])('is refused %s', async (_name, protocols) => {
    expect(await answer('/api/v1/namespaces/default/pods?watch=1', ...protocols())).toBe(401);
  });
});
