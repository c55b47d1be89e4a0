import { describe, expect, it } from 'vitest';
import type { AccessRequest } from './authorizer.ts';
import { ruleAllows } from './policy-rule.ts';
import type { PolicyRule } from './policy-rule.ts';

const request = (parts: Partial<AccessRequest>): AccessRequest =>
  ({ user: { name: 'jane', groups: [] }, verb: 'get', resource: 'pods', subresource: '', group: '', namespace: '', name: '', path: '', ...parts });
const rule = (parts: Partial<PolicyRule>): PolicyRule => ({ verbs: ['get'], apiGroups: [''], resources: ['pods'], ...parts });
const paths = (...nonResourceURLs: string[]): PolicyRule => ({ verbs: ['get'], nonResourceURLs });

describe('a policy rule', () => {
  it.each<[string, PolicyRule, Partial<AccessRequest>, boolean]>([
    ['its verb', rule({}), {}, true], ['another verb', rule({}), { verb: 'list' }, false], ['every verb', rule({ verbs: ['*'] }), { verb: 'list' }, true],
    ['another group', rule({}), { group: 'apps' }, false], ['a subresource that it does not name', rule({}), { subresource: 'status' }, false],
    ['a subresource', rule({ resources: ['pods/status'] }), { subresource: 'status' }, true], ['a subresource of all', rule({ resources: ['*/status'] }), { subresource: 'status' }, true],
    ['all resources', rule({ resources: ['*'] }), { subresource: 'status' }, true], ['a name', rule({ resourceNames: ['a'] }), { name: 'a' }, true],
    ['another name', rule({ resourceNames: ['a'] }), { name: 'b' }, false], ['no name', rule({ resourceNames: ['a'] }), {}, false],
    ['a path', paths('/api'), { resource: '', path: '/api' }, true], ['a path below', paths('/api'), { resource: '', path: '/api/v1' }, false],
    ['paths below', paths('/api/*'), { resource: '', path: '/api/v1' }, true], ['every path', paths('*'), { resource: '', path: '/metrics' }, true],
    ['a path, of a rule for resources', rule({ resources: ['*'] }), { resource: '', path: '/api' }, false], ['a resource, of a rule for paths', paths('*'), {}, false],
  ])('decides about %s', (_what, given, asked, allowed) => {
    expect(ruleAllows(given, request(asked))).toBe(allowed);
  });
});
