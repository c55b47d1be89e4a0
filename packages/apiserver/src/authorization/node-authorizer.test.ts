import { describe, expect, it } from 'vitest';
import type { AccessRequest } from './authorizer.ts';
import { nodeAuthorizer } from './node-authorizer.ts';

const authorize = nodeAuthorizer({ isRelated: (node, kind, namespace, name) => `${node} ${kind} ${namespace}/${name}` === `n1 ${kind} default/mine` });

const request = (verb: string, resource: string, parts: Partial<AccessRequest> = {}, user = 'system:node:n1', groups = ['system:nodes']): AccessRequest =>
  ({ user: { name: user, groups }, verb, resource, subresource: '', group: '', namespace: '', name: '', path: '', ...parts });

const mine = { namespace: 'default', name: 'mine' };
const foreign = { namespace: 'default', name: 'foreign' };

describe('the node authorizer', () => {
  it.each<[string, string, Partial<AccessRequest>]>([
    ['get', 'nodes', { name: 'n1' }], ['watch', 'nodes', { name: 'n1' }], ['create', 'nodes', {}], ['patch', 'nodes', { name: 'n1', subresource: 'status' }],
    ['get', 'leases', { group: 'coordination.k8s.io', namespace: 'kube-node-lease', name: 'n1' }],
    ['create', 'leases', { group: 'coordination.k8s.io', namespace: 'kube-node-lease' }],
    ['list', 'pods', { fieldSelector: 'spec.nodeName=n1' }], ['watch', 'pods', { fieldSelector: 'status.phase!=Failed,spec.nodeName==n1' }],
    ['get', 'pods', mine], ['delete', 'pods', foreign], ['patch', 'pods', { ...foreign, subresource: 'status' }],
    ['get', 'secrets', mine], ['watch', 'configmaps', mine], ['get', 'serviceaccounts', mine], ['create', 'serviceaccounts', { ...mine, subresource: 'token' }],
    ['create', 'events', { namespace: 'default' }], ['list', 'services', {}], ['list', 'runtimeclasses', { group: 'node.k8s.io' }],
    ['create', 'tokenreviews', { group: 'authentication.k8s.io' }], ['create', 'subjectaccessreviews', { group: 'authorization.k8s.io' }],
  ])('lets a node %s %s %j', async (verb, resource, parts) => {
    expect(await authorize(request(verb, resource, parts))).toBe('allow');
  });

  it.each<[string, string, Partial<AccessRequest>, string]>([
    ['get', 'nodes', { name: 'n2' }, "node 'n1' cannot read 'n2', only its own Node object"], ['list', 'nodes', {}, "node 'n1' cannot read all nodes, only its own Node object"],
    ['get', 'leases', { group: 'coordination.k8s.io', namespace: 'kube-node-lease', name: 'n2' }, 'can only access node lease with the same name as the requesting node'],
    ['get', 'leases', { group: 'coordination.k8s.io', namespace: 'default', name: 'n1' }, 'can only access leases in the "kube-node-lease" system namespace'],
    ['list', 'pods', {}, 'can only list/watch pods with spec.nodeName field selector'], ['list', 'pods', { fieldSelector: 'spec.nodeName=n2' }, 'can only list/watch pods with spec.nodeName field selector'],
    ['list', 'pods', { fieldSelector: 'spec.nodeName!=n1' }, 'can only list/watch pods with spec.nodeName field selector'], ['list', 'pods', { fieldSelector: '=,=' }, 'can only list/watch pods with spec.nodeName field selector'],
    ['get', 'pods', foreign, "no relationship found between node 'n1' and this object"], ['get', 'secrets', foreign, "no relationship found between node 'n1' and this object"],
    ['list', 'secrets', { namespace: 'default' }, 'No Object name found'], ['list', 'secrets', {}, 'can only read namespaced object of this type'], ['update', 'configmaps', mine, 'can only read resources of this type'],
    ['create', 'serviceaccounts', { ...foreign, subresource: 'token' }, "no relationship found between node 'n1' and this object"],
    ['list', 'serviceaccounts', { namespace: 'default' }, 'can only create tokens for individual service accounts'],
  ])('does not let a node %s %s %j', async (verb, resource, parts, why) => {
    expect(await authorize(request(verb, resource, parts))).toEqual({ why });
  });

  it.each(['namespaces', 'priorityclasses'])('knows no rule for %s', async (resource) => {
    expect(await authorize(request('list', resource))).toBeUndefined();
  });

  it.each(['constructor', '__proto__', 'log'])('knows no rule for the part %s of a pod', async (subresource) => {
    expect(await authorize(request('get', 'pods', { ...mine, subresource }))).toBeUndefined();
  });

  it('has nothing to say about others, and nothing good about a node without a name', async () => {
    expect(await authorize(request('get', 'nodes', { name: 'n1' }, 'jane'))).toBeUndefined();
    expect(await authorize(request('get', 'nodes', { name: 'n1' }, 'system:node:n1', []))).toBeUndefined();
    expect(await authorize(request('get', 'nodes', { name: 'n1' }, 'system:node:'))).toEqual({ why: 'unknown node for user "system:node:"' });
  });
});
