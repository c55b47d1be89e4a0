import { beforeAll, describe, expect, it } from 'vitest';
import type { Container, Pod, ServiceAccount, Status } from '@podling/shared/api';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

const accounts = '/api/v1/namespaces/default/serviceaccounts';
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';

describe('service account admission', () => {
  const server = useTestServer({ disabledAdmissionPlugins: [] });

  const create = (name: string, spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}) =>
    server.send<Pod & Status>('POST', pods, { body: { ...podBody(name), metadata: { name, ...metadata }, spec: { ...podBody(name).spec, ...spec } } });
  const newAccount = (name: string, parts: Partial<ServiceAccount> = {}) =>
    server.send('POST', accounts, { body: { ...parts, metadata: { name, ...parts.metadata } } });
  const main = { name: 'main', image: 'x' } satisfies Container;

  beforeAll(async () => {
    await newAccount('default');
  });

  it('mounts the token, the CA and the namespace into every container', async () => {
    const { body: { spec } } = await create('plain', { initContainers: [{ name: 'init', image: 'x' }] });
    expect([spec.serviceAccountName, spec.serviceAccount]).toEqual(['default', 'default']);
    const [volume] = spec.volumes ?? [];
    expect(volume).toEqual({
      name: expect.stringMatching(/^kube-api-access-[a-z0-9]{5}$/),
      projected: {
        defaultMode: 420,
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
        ],
      },
    });
    for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
      expect(container.volumeMounts).toEqual([{ name: volume?.name, readOnly: true, mountPath }]);
    }
  });

  it.each([['the pod', { automountServiceAccountToken: false }], ['the account', { serviceAccountName: 'shy' }]])('mounts nothing where %s does not want it', async (what, spec) => {
    await newAccount('shy', { automountServiceAccountToken: false });
    const { body } = await create(`unmounted-${what.slice(4)}`, spec);
    expect([body.spec.volumes, body.spec.containers[0]?.volumeMounts]).toEqual([undefined, undefined]);
  });

  it('mounts where the pod wants it although the account does not', async () => {
    await newAccount('shy', { automountServiceAccountToken: false });
    expect((await create('wanting', { serviceAccountName: 'shy', automountServiceAccountToken: true })).body.spec.volumes).toHaveLength(1);
  });

  it('leaves alone what is mounted at its place', async () => {
    const volumes = [{ name: 'own', emptyDir: {} }];
    const { body } = await create('own-mount', { volumes, containers: [{ ...main, volumeMounts: [{ name: 'own', mountPath }] }] });
    expect(body.spec.volumes).toEqual(volumes);
  });

  it('hands on the pull secrets of the account, unless the pod has some', async () => {
    await newAccount('puller', { imagePullSecrets: [{ name: 'registry' }] });
    expect((await create('pulling', { serviceAccountName: 'puller' })).body.spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect((await create('pulling-own', { serviceAccountName: 'puller', imagePullSecrets: [{ name: 'own' }] })).body.spec.imagePullSecrets).toEqual([{ name: 'own' }]);
  });

  it('refuses a pod of an account that is not there', async () => {
    const { code, body } = await create('lost', { serviceAccountName: 'nobody' });
    expect([code, body.message]).toEqual([403, 'pods "lost" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found']);
  });

  it('waits for the default account of a new namespace', async () => {
    await server.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'fresh' } } });
    const created = server.send('POST', '/api/v1/namespaces/fresh/pods', { body: podBody('early') });
    await server.send('POST', '/api/v1/namespaces/fresh/serviceaccounts', { body: { metadata: { name: 'default' } } });
    expect((await created).code).toBe(201);
  });

  it('keeps pods to the secrets of an account that says so', async () => {
    await newAccount('strict', { metadata: { name: 'strict', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } }, secrets: [{ name: 'known' }] });
    const withSecret = (secretName: string) => ({ serviceAccountName: 'strict', volumes: [{ name: 'v', secret: { secretName } }] });
    expect((await create('allowed', withSecret('known'))).code).toBe(201);
    expect((await create('refused', withSecret('other'))).body.message).toBe('pods "refused" is forbidden: volume with secret.secretName="other" is not allowed because service account strict does not reference that secret');
    const env = [{ name: 'E', valueFrom: { secretKeyRef: { name: 'other', key: 'k' } } }];
    expect((await create('refused', { serviceAccountName: 'strict', containers: [{ ...main, env }] })).body.message).toContain('container main with envVar E referencing secret.secretName="other" is not allowed');
  });

  it('gives a mirror pod nothing, and takes none that refers to an account', async () => {
    const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };
    const { body } = await create('mirror', { nodeName: 'n1' }, mirror);
    expect([body.spec.serviceAccountName, body.spec.volumes]).toEqual([undefined, undefined]);
    expect((await create('mirror-2', { nodeName: 'n1', serviceAccountName: 'default' }, mirror)).body.message).toBe('pods "mirror-2" is forbidden: a mirror pod may not reference service accounts');
  });
});
