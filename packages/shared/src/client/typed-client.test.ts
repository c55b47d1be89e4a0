import { describe, expect, it } from 'vitest';
import { resourcePath } from './typed-client.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };

describe('a resource path', () => {
  it.each([
    [pods, '/api/v1/pods'],
    [{ ...pods, namespace: 'a b' }, '/api/v1/namespaces/a%20b/pods'],
    [{ group: 'policy', version: 'v1', resource: 'poddisruptionbudgets', namespace: 'x' }, '/apis/policy/v1/namespaces/x/poddisruptionbudgets'],
  ])('%j', (resource, path) => expect(resourcePath(resource)).toBe(path));

  it('never names another resource because the namespace is empty', () => {
    expect(() => resourcePath({ ...pods, namespace: '' })).toThrow('the namespace of pods is empty');
  });
});
