import { describe, expect, it } from 'vitest';
import type { ServiceAccount } from '@podling/shared/api';
import { useTestServer } from '../testing/test-server.ts';

const serviceAccounts = '/api/v1/namespaces/default/serviceaccounts';

describe('service accounts', () => {
  const server = useTestServer();

  it('name secrets, merged by name in a patch, and pull secrets, replaced as a whole', async () => {
    const parts = { secrets: [{ name: 'a' }], imagePullSecrets: [{ name: 'pull' }], automountServiceAccountToken: false };
    const { code, body } = await server.send<ServiceAccount>('POST', serviceAccounts, { body: { metadata: { name: 'builder' }, ...parts } });
    expect([code, body]).toMatchObject([201, { kind: 'ServiceAccount', ...parts }]);
    const contentType = 'application/strategic-merge-patch+json';
    const patched = await server.send<ServiceAccount>('PATCH', `${serviceAccounts}/builder`, { body: { secrets: [{ name: 'b' }], imagePullSecrets: [{ name: 'more' }] }, contentType });
    expect(patched.body.secrets?.map(({ name }) => name).toSorted()).toEqual(['a', 'b']);
    expect(patched.body.imagePullSecrets).toEqual([{ name: 'more' }]);
  });

  it('are handed back by the delete that removes them', async () => {
    await server.send('POST', serviceAccounts, { body: { metadata: { name: 'gone' } } });
    expect((await server.send('DELETE', `${serviceAccounts}/gone`)).body).toMatchObject({ kind: 'ServiceAccount', metadata: { name: 'gone' } });
  });
});
