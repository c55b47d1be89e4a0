import { describe, expect, it } from 'vitest';
import { requestInfoOf } from '../request-info.ts';
import { parseAuditPolicy } from './audit-policy.ts';

const policy = (rules: string): string => `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules}`;
const alice = { name: 'alice', groups: ['ops', 'system:authenticated'] };

describe('an audit policy', () => {
  const { levelOf } = { levelOf: (rules: string, method: string, url: string) => parseAuditPolicy(policy(rules)).decide(alice, requestInfoOf(method, url)).level };

  it.each([
    ['- {level: Request}', 'GET', '/api/v1/pods', 'Request'],
    ['- {level: None, users: [bob]}\n- {level: Metadata}', 'GET', '/api/v1/pods', 'Metadata'],
    ['- {level: None, users: [alice]}\n- {level: Metadata}', 'GET', '/api/v1/pods', 'None'],
    ['- {level: Metadata, userGroups: [ops]}', 'GET', '/version', 'Metadata'],
    ['- {level: Metadata, verbs: [watch]}', 'GET', '/api/v1/pods', 'None'],
    ['- {level: Metadata, verbs: [watch]}', 'GET', '/api/v1/pods?watch=1', 'Metadata'],
    ['- {level: Request, resources: [{group: "", resources: [secrets]}]}', 'GET', '/api/v1/namespaces/a/secrets/x', 'Request'],
    ['- {level: Request, resources: [{group: "", resources: [pods]}]}', 'GET', '/api/v1/namespaces/a/pods/x/log', 'None'],
    ['- {level: Request, resources: [{group: "", resources: [pods/log]}]}', 'GET', '/api/v1/namespaces/a/pods/x/log', 'Request'],
    ['- {level: Request, resources: [{group: "", resources: ["pods/*"]}]}', 'GET', '/api/v1/namespaces/a/pods/x/log', 'Request'],
    ['- {level: Request, resources: [{group: "", resources: ["*/log"]}]}', 'GET', '/api/v1/namespaces/a/pods/x/log', 'Request'],
    ['- {level: Request, resources: [{group: "", resourceNames: [y]}]}', 'GET', '/api/v1/namespaces/a/pods/x', 'None'],
    ['- {level: Request, resources: [{group: apps}]}', 'GET', '/api/v1/namespaces/a/pods/x', 'None'],
    ['- {level: Request, namespaces: [b]}', 'GET', '/api/v1/namespaces/a/pods/x', 'None'],
    ['- {level: Metadata, nonResourceURLs: ["/healthz*"]}', 'GET', '/healthz/ping', 'Metadata'],
    ['- {level: Metadata, nonResourceURLs: ["/healthz*"]}', 'GET', '/api/v1/pods', 'None'],
    ['- {level: Metadata, resources: [{group: ""}]}', 'GET', '/healthz', 'None'],
  ])('%j records %s %s at %s', (rules, method, url, level) => {
    expect(levelOf(rules, method, url)).toBe(level);
  });

  it('leaves out the stages that it names, for all rules or for one', () => {
    const { omits } = parseAuditPolicy(`omitStages: [RequestReceived]\n${policy('- {level: Metadata, omitStages: [ResponseStarted]}')}`).decide(alice, requestInfoOf('GET', '/x'));
    expect([omits('RequestReceived'), omits('ResponseStarted'), omits('ResponseComplete')]).toEqual([true, true, false]);
  });

  it.each([
    ['kind: Pod', 'is no audit.k8s.io/v1 Policy'],
    [policy('  []'), 'rules: Required value'],
    [policy('- {level: All}'), 'rules[0].level: Unsupported value: "All"'],
    [policy('- {level: None, user: [a]}'), 'rules[0].user: unknown field'],
    [`omitStages: [Foo]\n${policy('- {level: None}')}`, 'omitStages: Unsupported value: "Foo"'],
    [`foo: bar\n${policy('- {level: None}')}`, 'foo: unknown field'],
    [policy('- {level: None, verbs: get}'), 'rules[0].verbs: is no list of strings'],
    [policy('- {level: None, resources: [pods]}'), 'rules[0].resources[0]: is no object'],
  ])('%j is refused with what is wrong', (text, message) => {
    expect(() => parseAuditPolicy(text)).toThrow(message);
  });
});
