import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { qualifiedName, resourcePath, RestMapper, typeLabel } from './rest-mapping.ts';

async function resolveOne(type: string, api = new FakeApi()) {
  const [mapping] = await new RestMapper(api).resolve(type);
  if (mapping === undefined) throw new Error('nothing resolved');
  return mapping;
}

describe('RestMapper', () => {
  it.each(['pods', 'pod', 'po', 'Pod', 'PODS'])('finds pods by %s', async (type) => {
    expect((await resolveOne(type)).resource).toBe('pods');
  });

  it.each(['leases', 'lease', 'leases.coordination.k8s.io', 'leases.v1.coordination.k8s.io'])('finds a resource of a group by %s', async (type) => {
    expect(qualifiedName(await resolveOne(type))).toBe('leases.coordination.k8s.io');
  });

  it('asks only for the core group when that is enough', async () => {
    const api = new FakeApi();
    await resolveOne('nodes', api);
    expect(api.requests.map((r) => r.path)).toEqual(['/api/v1']);
  });

  it('asks for a group once', async () => {
    const api = new FakeApi();
    const mapper = new RestMapper(api);
    await Promise.all([mapper.resolve('pods'), mapper.resolve('nodes'), mapper.forKind('v1', 'Pod')]);
    expect(api.requests).toHaveLength(1);
  });

  it('resolves a category to its resources', async () => {
    expect((await new RestMapper(new FakeApi()).resolve('all')).map((m) => m.resource)).toEqual(['pods']);
  });

  it('does not take a subresource for a resource', async () => {
    await expect(resolveOne('pods/log')).rejects.toThrow('the server doesn\'t have a resource type "pods/log"');
  });

  it('says so when there is no such type', async () => {
    await expect(resolveOne('widgets')).rejects.toThrow('the server doesn\'t have a resource type "widgets"');
  });

  it('knows no kind of a group version that is not served', async () => {
    expect(await new RestMapper(new FakeApi()).forKind('apps/v1', 'Deployment')).toBeUndefined();
  });
});

describe('resourcePath', () => {
  it('leads to collections, objects and subresources', async () => {
    const [pods, leases, nodes] = await Promise.all([resolveOne('pods'), resolveOne('leases'), resolveOne('nodes')]);
    expect(resourcePath(pods, {})).toBe('/api/v1/pods');
    expect(resourcePath(pods, { namespace: 'a', name: 'b', subresource: 'log' })).toBe('/api/v1/namespaces/a/pods/b/log');
    expect(resourcePath(leases, { namespace: 'a', name: 'b' })).toBe('/apis/coordination.k8s.io/v1/namespaces/a/leases/b');
    expect(resourcePath(nodes, { namespace: 'ignored', name: 'n' })).toBe('/api/v1/nodes/n');
  });

  it('cannot be led astray by a name', async () => {
    expect(resourcePath(await resolveOne('pods'), { namespace: 'a/b', name: '../x' })).toBe('/api/v1/namespaces/a%2Fb/pods/..%2Fx');
  });
});

describe('typeLabel', () => {
  it('names the group unless it is core', async () => {
    expect(typeLabel(await resolveOne('pods'))).toBe('pod');
    expect(typeLabel(await resolveOne('leases'))).toBe('lease.coordination.k8s.io');
  });
});
