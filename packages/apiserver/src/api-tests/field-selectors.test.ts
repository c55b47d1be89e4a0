import { describe, expect, it } from 'vitest';
import { pods, useTestServer } from '../testing/test-server.ts';

describe('field selectors', () => {
  const server = useTestServer();

  it.each([
    [pods, 'spec.x%3D1', 'Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.x=1": field label not supported: spec.x'],
    ['/api/v1/namespaces/default/configmaps', 'spec.x%3D1', '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"'],
  ])('that name a field %s do not have are refused, watched or listed', async (path, selector, message) => {
    for (const verb of ['', '&watch=true']) {
      expect(await server.send('GET', `${path}?fieldSelector=${selector}${verb}`)).toMatchObject({ code: 400, body: { reason: 'BadRequest', message } });
    }
  });
});
