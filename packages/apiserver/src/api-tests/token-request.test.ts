import { beforeAll, describe, expect, it } from 'vitest';
import type { Pod, ServiceAccount, TokenRequest } from '@podling/shared/api';
import { podBody, useTestServer } from '../testing/test-server.ts';

const accounts = '/api/v1/namespaces/default/serviceaccounts';

function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
}

describe('a token request', () => {
  const server = useTestServer();
  let account: ServiceAccount;
  let pod: Pod;

  const request = (spec: object = {}, more: object = {}) => server.send<TokenRequest & { message: string; reason: string }>('POST', `${accounts}/robot/token`, { body: { spec, ...more } });
  const boundTo = (kind: string, name: string, uid?: string) => ({ boundObjectRef: { kind, apiVersion: 'v1', name, ...(uid === undefined ? {} : { uid }) } });

  beforeAll(async () => {
    account = (await server.send<ServiceAccount>('POST', accounts, { body: { metadata: { name: 'robot' } } })).body;
    pod = await server.createPod('bound', { spec: { ...podBody('').spec, serviceAccountName: 'robot' } });
    await server.createPod('other');
    await server.send('POST', '/api/v1/namespaces/default/secrets', { body: { metadata: { name: 'hidden' } } });
    await server.send('POST', '/api/v1/nodes', { body: { metadata: { name: 'n1' } } });
  });

  it('gives a token for the apiserver that lasts an hour', async () => {
    const { code, body } = await request();
    expect(code).toBe(201);
    expect(body).toMatchObject({
      kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata: { name: 'robot', namespace: 'default', uid: account.metadata.uid },
      spec: { audiences: ['https://kubernetes.default.svc'], expirationSeconds: 3600 },
    });
    const claims = payloadOf(body.status?.token ?? '');
    expect(claims).toMatchObject({
      iss: 'https://kubernetes.default.svc', aud: ['https://kubernetes.default.svc'], sub: 'system:serviceaccount:default:robot', jti: expect.any(String),
      'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'robot', uid: account.metadata.uid } },
    });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(3600);
    expect(Date.parse(body.status?.expirationTimestamp ?? '') / 1000).toBe(claims['exp']);
  });

  it('is for the audiences and the time that it names', async () => {
    const { body } = await request({ audiences: ['vault'], expirationSeconds: 600 });
    const { aud, exp, iat } = payloadOf(body.status?.token ?? '');
    expect([aud, Number(exp) - Number(iat)]).toEqual([['vault'], 600]);
  });

  it('binds the token to a pod and tells of its node', async () => {
    await server.bindPod('bound', 'n1');
    const { body } = await request(boundTo('Pod', 'bound', pod.metadata.uid));
    const node = (await server.send('GET', '/api/v1/nodes/n1')).body.metadata.uid;
    expect(payloadOf(body.status?.token ?? '')['kubernetes.io']).toMatchObject({
      pod: { name: 'bound', uid: pod.metadata.uid }, node: { name: 'n1', uid: node },
    });
  });

  it.each([['Secret', 'hidden', 'secret'], ['Node', 'n1', 'node']])('binds the token to a %s', async (kind, name, claim) => {
    const { body } = await request(boundTo(kind, name));
    expect(payloadOf(body.status?.token ?? '')['kubernetes.io']).toMatchObject({ [claim]: { name, uid: expect.any(String) } });
  });

  it('lets the token of a pod outlive its time when it asks for the time of the mounted one', async () => {
    const { body } = await request({ expirationSeconds: 3607, ...boundTo('Pod', 'bound') });
    const claims = payloadOf(body.status?.token ?? '');
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(365 * 24 * 3600);
    expect(claims['kubernetes.io']).toMatchObject({ warnafter: Number(claims['iat']) + 3607 });
    expect(Date.parse(body.status?.expirationTimestamp ?? '') / 1000).toBe(Number(claims['iat']) + 3607);
  });

  it.each([
    ['a time below ten minutes', { expirationSeconds: 599 }, 422, 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes'],
    ['a time above 2^32 s', { expirationSeconds: 2 ** 32 + 1 }, 422, 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds'],
    ['an object of another type', boundTo('Foo', 'x'), 400, 'cannot bind token to object of type /v1, Kind=Foo'],
    ['an object that is not there', boundTo('Pod', 'nobody'), 404, 'pods "nobody" not found'],
    ['a pod of another account', boundTo('Pod', 'other'), 400, 'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.'],
    ['another uid', boundTo('Pod', 'bound', 'wrong'), 409, 'Operation cannot be fulfilled on Pod "bound": the UID in the bound object reference (wrong) does not match the UID in record. The object might have been deleted and then recreated'],
  ])('is refused for %s', async (_what, spec, code, message) => {
    const answer = await request(spec);
    expect([answer.code, answer.body.message]).toEqual([code, message]);
  });

  it('names the account of its path', async () => {
    expect((await request({}, { metadata: { name: 'other' } })).body.message).toContain('must match the service account name if specified');
    expect((await request({}, { metadata: { uid: 'other' } })).code).toBe(409);
    expect((await server.send('POST', `${accounts}/nobody/token`, { body: {} })).body.message).toBe('serviceaccounts "nobody" not found');
  });

  it('only creates', async () => {
    expect((await server.send('GET', `${accounts}/robot/token`)).code).toBe(405);
  });
});
