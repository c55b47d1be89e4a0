import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiStatusError } from '@podling/shared/api';
import { requestInfoOf } from './request-info.ts';

describe('requestInfoOf', () => {
  it.each([
    ['GET', '/api/v1/namespaces', 'list namespaces'],
    ['GET', '/api/v1/namespaces/a', 'get namespaces a in a'],
    ['PUT', '/api/v1/namespaces/a/status', 'update namespaces a/status in a'],
    ['GET', '/api/v1/namespaces/a/pods', 'list pods in a'],
    ['GET', '/api/v1/namespaces/a/pods?watch=true', 'watch pods in a'],
    ['GET', '/api/v1/namespaces/a/pods?watch=false', 'list pods in a'],
    ['POST', '/api/v1/namespaces/a/pods', 'create pods in a'],
    ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection pods in a'],
    ['DELETE', '/api/v1/namespaces/a/pods/p', 'delete pods p in a'],
    ['PATCH', '/api/v1/namespaces/a/pods/p/status', 'patch pods p/status in a'],
    ['GET', '/api/v1/pods', 'list pods'],
    ['GET', '/api/v1/nodes/n/proxy/stats/summary', 'get nodes n/proxy stats/summary'],
    ['GET', '/apis/coordination.k8s.io/v1/namespaces/a/leases/l', 'get leases l in a'],
    ['GET', '/api/v1/namespaces/status', 'get namespaces status in status'],
  ])('reads %s %s', (method, url, expected) => {
    const { verb, resource, name, subresource, namespace, tail } = requestInfoOf(method, url);
    const object = name === '' ? '' : ` ${name}${subresource === '' ? '' : `/${subresource}`}`;
    expect(`${verb} ${resource}${object}${tail === '' ? '' : ` ${tail}`}${namespace === '' ? '' : ` in ${namespace}`}`).toBe(expected);
  });

  it.each(['/', '/api', '/api/v1', '/apis', '/apis/g', '/apis/g/v1', '/version', '/livez/ping'])('sees no resource in %s', (path) => {
    expect(requestInfoOf('GET', path).isResource).toBe(false);
  });

  it('throws nothing but 400, whatever the URL', () => {
    fc.assert(fc.property(fc.constantFrom('GET', 'POST', 'X'), fc.string(), (method, url) => {
      try {
        requestInfoOf(method, `/api/v1/${url}`);
      } catch (error) {
        expect((error as ApiStatusError).code).toBe(400);
      }
    }));
  });
});
