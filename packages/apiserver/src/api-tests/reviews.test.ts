import { beforeAll, describe, expect, it } from 'vitest';
import type { SelfSubjectRulesReview, ServiceAccount, SubjectAccessReview, TokenRequest, TokenReview } from '@podling/shared/api';
import { useTestServer } from '../testing/test-server.ts';

const authentication = '/apis/authentication.k8s.io/v1';
const authorization = '/apis/authorization.k8s.io/v1';
const accounts = '/api/v1/namespaces/default/serviceaccounts';
const robot = 'system:serviceaccount:default:robot';

describe('identity', () => {
  const server = useTestServer();
  let account: ServiceAccount;
  let token: string;

  const ask = async <T>(path: string, body: object, bearer = ''): Promise<{ code: number; body: T & { message: string } }> => {
    const response = await fetch(server.url + path, {
      method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }) },
    });
    return { code: response.status, body: (await response.json()) as T & { message: string } };
  };
  const get = async (path: string, bearer: string): Promise<{ code: number; message: string }> => {
    const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${bearer}` } });
    const body = (await response.json()) as { message: string };
    return { code: response.status, message: body.message };
  };
  const newToken = async (name: string, spec: object = {}): Promise<string> => (await ask<TokenRequest>(`${accounts}/${name}/token`, { spec })).body.status?.token ?? '';
  const review = async (spec: object): Promise<TokenReview['status']> => (await ask<TokenReview>(`${authentication}/tokenreviews`, { spec })).body.status;

  beforeAll(async () => {
    account = (await ask<ServiceAccount>(accounts, { metadata: { name: 'robot' } })).body;
    token = await newToken('robot');
  });

  describe('of a token', () => {
    it('is the service account with its groups', async () => {
      const { code, body } = await ask<object>(`${authentication}/selfsubjectreviews`, {}, token);
      expect(code).toBe(201);
      expect(body).toMatchObject({
        kind: 'SelfSubjectReview',
        status: {
          userInfo: {
            username: robot, uid: account.metadata.uid, groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
            extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/)] },
          },
        },
      });
    });

    it('names the pod that it is bound to', async () => {
      const pod = await server.createPod('bound', { spec: { serviceAccountName: 'robot', containers: [{ name: 'main', image: 'x' }] } });
      const { body } = await ask<object>(`${authentication}/selfsubjectreviews`, {}, await newToken('robot', { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'bound' } }));
      expect(body).toMatchObject({ status: { userInfo: { extra: { 'authentication.kubernetes.io/pod-name': ['bound'], 'authentication.kubernetes.io/pod-uid': [pod.metadata.uid] } } } });
    });

    it.each([['nonsense', 'x'], ['a JWT of nobody', 'eyJhbGciOiJub25lIn0.e30.'], ['no key of ours', 'eyJhbGciOiJIUzI1NiIsImtpZCI6IngifQ.e30.AAAA']])(
      'is 401 for %s, also where anybody may look', async (_what, wrong) => {
        expect((await get('/api/v1/pods', wrong)).code).toBe(401);
        expect((await get('/healthz', wrong)).code).toBe(401);
      });

    it('is 401 for another audience, and for a changed token', async () => {
      expect((await get('/api', await newToken('robot', { audiences: ['vault'] }))).code).toBe(401);
      const [head = '', , signature = ''] = token.split('.');
      const forged = Buffer.from(JSON.stringify({ 'kubernetes.io': { namespace: 'kube-system', serviceaccount: { name: 'x', uid: 'y' } } })).toString('base64url');
      expect((await get('/api', `${head}.${forged}.${signature}`)).code).toBe(401);
    });

    it('ends with the account, although a namesake comes', async () => {
      await ask(accounts, { metadata: { name: 'short-lived' } });
      const old = await newToken('short-lived');
      const path = '/api/v1/namespaces/default/pods';
      expect((await get(path, old)).code).toBe(200);
      await server.send('DELETE', `${accounts}/short-lived`);
      await expect.poll(async () => (await get(path, old)).code).toBe(401);
      await ask(accounts, { metadata: { name: 'short-lived' } });
      expect((await get(path, old)).code).toBe(401);
      expect((await get(path, await newToken('short-lived'))).code).toBe(200);
    });

    it.each([['Pod', 'pods', { spec: { serviceAccountName: 'robot', containers: [{ name: 'main', image: 'x' }] } }], ['Secret', 'secrets', {}]])('ends with the %s that it is bound to', async (kind, resource, parts) => {
      const path = `/api/v1/namespaces/default/${resource}`;
      await ask(path, { metadata: { name: 'holder' }, ...parts });
      const bound = await newToken('robot', { boundObjectRef: { kind, apiVersion: 'v1', name: 'holder' } });
      expect((await get('/api', bound)).code).toBe(200);
      await server.send('DELETE', `${path}/holder`);
      await expect.poll(async () => (await get('/api', bound)).code).toBe(401);
    });
  });

  describe('token reviews', () => {
    it('tell whose a token is', async () => {
      expect(await review({ token })).toMatchObject({ authenticated: true, user: { username: robot, uid: account.metadata.uid }, audiences: ['https://kubernetes.default.svc'] });
    });

    it('tell why a token is none', async () => {
      expect(await review({ token: 'x' })).toEqual({ user: {}, error: 'invalid bearer token' });
      expect(await review({ token, audiences: ['vault'] })).toEqual({
        user: {}, error: '[invalid bearer token, token audiences ["https://kubernetes.default.svc"] is invalid for the target audiences ["vault"]]',
      });
    });

    it('need a token', async () => {
      const { code, body } = await ask(`${authentication}/tokenreviews`, {});
      expect([code, body.message]).toEqual([400, 'token is required for TokenReview in authentication']);
    });

    it('are never stored', async () => {
      expect((await server.send('GET', `${authentication}/tokenreviews`)).code).toBe(405);
    });
  });

  describe('access reviews', () => {
    const may = async (user: string, resourceAttributes: object, groups: string[] = []): Promise<SubjectAccessReview['status']> =>
      (await ask<SubjectAccessReview>(`${authorization}/subjectaccessreviews`, { spec: { user, groups, resourceAttributes } })).body.status;

    it.each([
      ['jane', [], { verb: 'list', resource: 'pods' }, false],
      ['jane', ['system:masters'], { verb: '*', resource: '*', group: '*' }, true],
      ['system:kube-scheduler', [], { verb: 'create', resource: 'pods', subresource: 'binding', namespace: 'a' }, true],
      ['system:kube-scheduler', [], { verb: 'get', resource: 'secrets', namespace: 'a', name: 'x' }, false],
      ['system:kube-scheduler', [], { verb: 'update', resource: 'nodes', name: 'x' }, false],
      ['system:kube-controller-manager', [], { verb: 'patch', resource: 'nodes', subresource: 'status', name: 'x' }, true],
      ['system:kube-controller-manager', [], { verb: 'create', resource: 'pods', namespace: 'a' }, false],
      [robot, ['system:serviceaccounts', 'system:serviceaccounts:default'], { verb: 'list', resource: 'pods', namespace: 'default' }, true],
      [robot, ['system:serviceaccounts', 'system:serviceaccounts:default'], { verb: 'list', resource: 'pods', namespace: 'other' }, false],
      [robot, ['system:serviceaccounts', 'system:serviceaccounts:default'], { verb: 'list', resource: 'pods' }, false],
      [robot, ['system:serviceaccounts', 'system:serviceaccounts:default'], { verb: 'get', resource: 'secrets', namespace: 'default' }, false],
      [robot, ['system:serviceaccounts', 'system:serviceaccounts:default'], { verb: 'list', group: 'metrics.k8s.io', resource: 'pods', namespace: 'default' }, true],
      [robot, ['system:serviceaccounts', 'system:serviceaccounts:default'], { verb: 'list', group: 'metrics.k8s.io', resource: 'pods', namespace: 'other' }, false],
      [robot, ['system:serviceaccounts', 'system:serviceaccounts:default'], { verb: 'list', group: 'metrics.k8s.io', resource: 'nodes' }, false],
    ])('of %s %j: %j is %s', async (user, groups, attributes, allowed) => {
      expect((await may(user, attributes, groups))?.allowed).toBe(allowed);
    });

    it('say what is wrong with a question', async () => {
      const { code, body } = await ask(`${authorization}/subjectaccessreviews`, {});
      expect([code, body.message]).toEqual([422, '.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]']);
    });

    it('of a namespace are about nothing else', async () => {
      const path = `${authorization}/namespaces/default/localsubjectaccessreviews`;
      const asked = (namespace: string) => ({ spec: { user: 'jane', resourceAttributes: { verb: 'get', resource: 'pods', namespace } } });
      expect((await ask(path, asked('default'))).code).toBe(201);
      expect((await ask(path, asked('other'))).body.message).toBe('.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace');
      const strange = await ask(path, { metadata: { namespace: 'other' }, ...asked('other') });
      expect([strange.code, strange.body.message]).toEqual([400, 'the namespace of the provided object does not match the namespace sent on the request']);
      expect((await ask(`${authorization}/localsubjectaccessreviews`, asked('default'))).code).toBe(404);
    });

    it('of oneself decide as the request itself would be', async () => {
      const asked = (namespace: string) => ({ spec: { resourceAttributes: { verb: 'list', resource: 'pods', namespace } } });
      const self = `${authorization}/selfsubjectaccessreviews`;
      expect((await ask(self, asked('default'), token)).body).toMatchObject({ status: { allowed: true } });
      expect((await ask(self, asked('kube-system'), token)).body).toMatchObject({ status: { allowed: false } });
      expect((await get('/api/v1/namespaces/default/pods', token)).code).toBe(200);
      const refused = await get('/api/v1/namespaces/kube-system/pods', token);
      expect([refused.code, refused.message]).toEqual([403, `pods is forbidden: User "${robot}" cannot list resource "pods" in API group "" in the namespace "kube-system"`]);
    });

    it('list the rules of oneself', async () => {
      const { body } = await ask<SelfSubjectRulesReview>(`${authorization}/selfsubjectrulesreviews`, { spec: { namespace: 'default' } }, token);
      expect(body.status?.incomplete).toBe(false);
      expect(body.status?.resourceRules).toContainEqual({ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] });
      expect(body.status?.nonResourceRules.flatMap(({ nonResourceURLs }) => nonResourceURLs)).toContain('/openid/v1/jwks');
      expect((await ask(`${authorization}/selfsubjectrulesreviews`, {}, token)).body.message).toBe('no namespace on request');
    });
  });
});
