import { newForbidden } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { kubectl } from '../testing/run.ts';

const accessReviews = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const rulesReviews = 'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
const selfReviews = 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews';
const answering = (status: object): FakeApi => new FakeApi().on(accessReviews, { status });
const asked = (api: FakeApi): unknown => (api.sent('POST')[0]?.body as { spec: unknown } | undefined)?.spec;
const ofResource = (parts: object) => ({ resourceAttributes: { namespace: 'default', verb: 'get', group: '', resource: 'pods', subresource: '', name: '', ...parts } });

describe('auth can-i', () => {
  it.each<[string, object, string]>([
    ['get po', ofResource({}), ''],
    ['delete pods/web -n prod', ofResource({ verb: 'delete', name: 'web', namespace: 'prod' }), ''],
    ['get pods --subresource=log', ofResource({ subresource: 'log' }), ''],
    ['list leases -A', ofResource({ verb: 'list', namespace: '', group: 'coordination.k8s.io', resource: 'leases' }), ''],
    ['* *', ofResource({ verb: '*', resource: '*' }), ''],
    ['impersonate users', ofResource({ verb: 'impersonate', resource: 'users' }), ''],
    ['get /healthz', { nonResourceAttributes: { path: '/healthz', verb: 'get' } }, ''],
    ['get nodes', ofResource({ resource: 'nodes' }), "Warning: resource 'nodes' is not namespace scoped\n"],
    ['eat pods', ofResource({ verb: 'eat' }), "Warning: verb 'eat' is not a known verb\n"],
    ['watch /healthz', { nonResourceAttributes: { path: '/healthz', verb: 'watch' } }, "Warning: verb 'watch' is not a known verb\n"],
    ['get foos.example.com', ofResource({ resource: 'foos.example.com' }), "Warning: the server doesn't have a resource type 'foos' in group 'example.com'\n"],
  ])('%s', async (line, spec, stderr) => {
    const api = answering({ allowed: true });
    expect(await kubectl(api, `auth can-i ${line}`)).toEqual({ exitCode: 0, stdout: 'yes\n', stderr });
    expect(asked(api)).toEqual(spec);
  });

  it('says no with the reasons, and in its exit status', async () => {
    const api = answering({ allowed: false, reason: 'not today', evaluationError: 'half asleep' });
    expect(await kubectl(api, 'auth can-i get pods')).toEqual({ exitCode: 1, stdout: 'no - not today - half asleep\n', stderr: '' });
    expect(await kubectl(api, 'auth can-i get pods -q')).toEqual({ exitCode: 1, stdout: '', stderr: '' });
    expect((await kubectl(answering({ allowed: false }), 'auth can-i get pods')).stdout).toBe('no\n');
  });

  it('lists what is allowed, verbs of one resource together', async () => {
    const api = new FakeApi().on(rulesReviews, { status: {
      incomplete: true, evaluationError: 'webhook',
      resourceRules: [
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] }, { verbs: ['list', 'watch'], apiGroups: [''], resources: ['pods'] },
        { verbs: ['update'], apiGroups: ['coordination.k8s.io'], resources: ['leases/status'], resourceNames: ['a', 'b'] }, { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      ],
      nonResourceRules: [{ verbs: ['get', 'post'], nonResourceURLs: ['/healthz'] }],
    } });
    const { exitCode, stdout, stderr } = await kubectl(api, 'auth can-i --list -n prod');
    expect([exitCode, stderr, asked(api)]).toEqual([0, 'Warning: the list may be incomplete: webhook\n', { namespace: 'prod' }]);
    expect(stdout.split('\n').map((row) => row.split(/ {3,}/))).toEqual([
      ['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs'],
      ['*.*', '[]', '[]', '[*]'],
      ['pods', '[]', '[]', '[get list watch]'],
      ['pods/log', '[]', '[]', '[get list]'],
      ['', '[/healthz]', '[]', '[get]'],
      ['', '[/healthz]', '[]', '[post]'],
      ['leases.coordination.k8s.io/status', '[]', '[a]', '[update]'],
      ['leases.coordination.k8s.io/status', '[]', '[b]', '[update]'],
      [''],
    ]);
    expect((await kubectl(api, 'auth can-i --list --no-headers')).stdout).not.toContain('Resources');
  });

  it.each<[string, string]>([
    ['get', "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples."],
    ['get pods --no-headers', '--no-headers cannot be set without --list specified'],
    ['get /healthz --subresource=log', '--subresource can not be used with NonResourceURL'],
    ['get pods --list', 'list option must be specified with no arguments'],
    ['--list -A', "list option can't be specified with neither quiet, all-namespaces nor subresource options"],
  ])('refuses %s', async (line, message) => {
    expect(await kubectl(answering({ allowed: true }), `auth can-i ${line}`)).toEqual({ exitCode: 1, stdout: '', stderr: `error: ${message}\n` });
  });
});

describe('auth whoami', () => {
  const userInfo = { username: 'jane', uid: '7', groups: ['dev', 'system:authenticated'], extra: { b: ['2'], a: ['1', 'x'] } };
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {}, status: { userInfo } };

  it('prints who the server takes one for', async () => {
    expect(await kubectl(new FakeApi().on(selfReviews, review), 'auth whoami')).toEqual({
      exitCode: 0, stderr: '',
      stdout: 'ATTRIBUTE   VALUE\nUsername    jane\nUID         7\nGroups      [dev system:authenticated]\nExtra: a    [1 x]\nExtra: b    [2]\n',
    });
  });

  it('prints the review itself where a format is named', async () => {
    const { stdout } = await kubectl(new FakeApi().on(selfReviews, review), 'auth whoami -o json');
    expect(JSON.parse(stdout)).toEqual(review);
  });

  it.each<[string, unknown, string]>([
    ['unknown to the server', undefined, 'the selfsubjectreviews API is not enabled in the cluster'],
    ['not allowed', newForbidden({ group: '', resource: 'x' }, '', 'no'), 'the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it'],
  ])('says that it is %s', async (_what, answer, message) => {
    const api = new FakeApi();
    if (answer !== undefined) api.on(selfReviews, answer);
    expect(await kubectl(api, 'auth whoami')).toEqual({ exitCode: 1, stdout: '', stderr: `error: ${message}\n` });
  });
});
