import { beforeAll, describe, expect, it } from 'vitest';
import type { TokenRequest, UserInfo } from '@podling/shared/api';
import { useTestServer } from '../testing/test-server.ts';

const accounts = '/api/v1/namespaces/default/serviceaccounts';

describe('a request as somebody else', () => {
  const server = useTestServer();
  let token: string;

  const send = async (method: string, path: string, headers: [string, string][]): Promise<{ code: number; body: { message: string; status: { userInfo: UserInfo } } }> => {
    const response = await fetch(server.url + path, { method, headers: [['content-type', 'application/json'], ...headers], ...(method === 'POST' ? { body: '{}' } : {}) });
    return { code: response.status, body: (await response.json()) as { message: string; status: { userInfo: UserInfo } } };
  };
  const whoAmI = async (...headers: [string, string][]): Promise<UserInfo> => (await send('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', headers)).body.status.userInfo;

  beforeAll(async () => {
    await server.send('POST', accounts, { body: { metadata: { name: 'robot' } } });
    token = (await server.send<TokenRequest>('POST', `${accounts}/robot/token`, { body: {} })).body.status?.token ?? '';
  });

  it('has the name, groups, uid and extras that it names', async () => {
    const user = await whoAmI(['impersonate-user', 'jane'], ['impersonate-group', 'developers'], ['impersonate-uid', '7'], ['impersonate-extra-example.com%2Fscopes', 'view']);
    expect(user).toEqual({ username: 'jane', uid: '7', groups: ['developers', 'system:authenticated'], extra: { 'example.com/scopes': ['view'] } });
  });

  it('has the groups of the service account that it names', async () => {
    expect((await whoAmI(['impersonate-user', 'system:serviceaccount:default:robot'])).groups).toEqual(['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated']);
  });

  it('may do what the other may, and no more', async () => {
    const { code, body } = await send('GET', '/api/v1/pods', [['impersonate-user', 'jane']]);
    expect([code, body.message]).toEqual([403, 'pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope']);
  });

  it('is refused to whoever may not act as the other', async () => {
    const authorization: [string, string] = ['authorization', `Bearer ${token}`];
    const { code, body } = await send('GET', '/api/v1/namespaces/default/pods', [authorization, ['impersonate-user', 'jane']]);
    expect([code, body.message]).toEqual([403, 'users "jane" is forbidden: User "system:serviceaccount:default:robot" cannot impersonate resource "users" in API group "" at the cluster scope']);
    expect((await send('GET', '/api/v1/namespaces/default/pods', [authorization, ['impersonate-user', 'system:serviceaccount:kube-system:x']])).code).toBe(403);
  });

  it.each(['impersonate-group', 'impersonate-uid', 'impersonate-extra-x'])('is refused with %s but no name', async (header) => {
    expect((await send('GET', '/api/v1/pods', [[header, 'system:masters']])).code).toBe(400);
  });
});
