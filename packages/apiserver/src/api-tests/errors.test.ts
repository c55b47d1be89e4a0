import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Status } from '@podling/shared/api';
import { useSecureServer } from '../testing/secure-server.ts';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

const root = join(import.meta.dirname, '../../../..');
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const [apiserver = ''] = page.split('### StorageError');
const rows = [...apiserver.matchAll(/^\| (\d{3}) \| `(\w+)` \| (.*?) \| `(.*)` \|$/gm)].map(([text, code, reason, , example = '']) => ({ text, code: Number(code), reason, example }));

/** Whether a message is what a row of the page shows: `…` stands for any text. */
function isExample(example: string, message: string): boolean {
  const parts = example.split('…').map((part) => part.trim());
  return parts.every((part) => message.includes(part));
}

const json = 'application/json';
const merge = 'application/merge-patch+json';
const sent = (metadata: object, spec: object = {}): string => JSON.stringify({ ...podBody('x'), metadata, spec: { ...podBody('x').spec, ...spec } });
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

type Row = [what: string, method: string, path: string, body?: string | undefined, type?: string | undefined, accept?: string];

const requests: Row[] = [
  ['malformed JSON', 'POST', pods, ''],
  ['no protobuf', 'POST', pods, 'abc', 'application/vnd.kubernetes.protobuf'],
  ['malformed YAML', 'POST', pods, 'a: [b', 'application/yaml'],
  ['deep JSON', 'POST', pods, '['.repeat(200) + ']'.repeat(200)],
  ['another kind', 'POST', pods, '{"kind":"Node","apiVersion":"v1"}'],
  ['a wrong type', 'POST', pods, '{"spec":{"containers":5}}'],
  ['an unknown and a repeated field', 'POST', `${pods}?fieldValidation=Strict`, '{"spec":{"foo":1,"containers":[]},"metadata":{"name":"a","name":"b"}}'],
  ['a large integer', 'POST', pods, '{"spec":{"terminationGracePeriodSeconds":9007199254740993}}'],
  ['a resourceVersion', 'POST', pods, sent({ name: 'x', resourceVersion: '1' })],
  ['a patch that is a list', 'PATCH', `${pods}/there`, '[]', merge],
  ['another namespace', 'POST', pods, sent({ name: 'x', namespace: 'other' })],
  ['a limit that is no number', 'GET', `${pods}?limit=x`],
  ['a namespace that stays', 'DELETE', '/api/v1/namespaces/default'],
  ['no object', 'GET', `${pods}/nope`],
  ['no kind', 'GET', '/api/v1/widgets'],
  ['no verb', 'PUT', pods, '{}'],
  ['nothing acceptable', 'GET', pods, undefined, undefined, 'image/png'],
  ['an object that exists', 'POST', pods, sent({ name: 'there' })],
  ['an old resourceVersion', 'PUT', `${pods}/there`, sent({ name: 'there', resourceVersion: '1' })],
  ['a uid that is another', 'DELETE', `${pods}/there`, '{"preconditions":{"uid":"x"}}'],
  ['a bound pod', 'POST', `${pods}/bound/binding`, '{"metadata":{"name":"bound"},"target":{"name":"node-3"}}'],
  ['a large body', 'POST', pods, ' '.repeat(3 * 1024 * 1024 + 1)],
  ['many values', 'POST', pods, `[${'0,'.repeat(100_001)}0]`],
  ['many operations', 'PATCH', `${pods}/there`, `[${'{},'.repeat(10_000)}{}]`, 'application/json-patch+json'],
  ['an unknown type', 'POST', pods, 'x', 'text/plain'],
  ['broken rules', 'POST', pods, sent({ name: 'A_b' }, { containers: [{ name: 'a' }] })],
  ['an impossible patch', 'PATCH', `${pods}/there?fieldValidation=Strict`, '{"spec":{"foo":1}}', merge],
  ['an unknown policy', 'DELETE', `${pods}/there?propagationPolicy=Sideways`],
  ['an update that wants a resourceVersion', 'PUT', `${leases}/n`, '{"metadata":{"name":"n"}}'],
  ['options that exclude each other', 'GET', `${pods}?resourceVersionMatch=Exact`],
  ['a patch that does not fit', 'PATCH', `${pods}/there`, '[{"op":"test","path":"/metadata/name","value":"x"}]', 'application/json-patch+json'],
  ['an apply by nobody', 'PATCH', `${pods}/there`, '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"there"}}', 'application/apply-patch+yaml'],
  ['a selector that cannot be parsed', 'GET', `${pods}?labelSelector=a%3D%3D%3Db`],
  ['a field without a selector', 'GET', `${pods}?fieldSelector=spec.foo%3Db`],
  ['a container that is not named', 'GET', `${pods}/two/log`],
  ['a log with options out of range', 'GET', `${pods}/there/log?tailLines=-1`],
  ['a revision to come', 'GET', `${pods}?resourceVersion=999999999`],
];

/** What takes the names and numbers of this run out of a message. */
const general = (text: string): string => text.replace(/"(?:there|x|bound|nope|web|node-\d|b|A_b)"/g, '""').replace(/\b(?:pod \w+|current: \d+)/g, '').replace(/UID in record \([^)]*\)/, 'UID in record (…)');

/** Rows that need more than a request, by words of theirs: the file and the title of the test that produces each. */
const elsewhere: [words: string, file: string, title: string][] = [
  ['a container that has not started', 'packages/kubelet/src/server/container-logs.test.ts', 'is none yet: %j'],
  ["a container's previous run when there was none", 'packages/kubelet/src/server/container-logs.test.ts', 'is the last one when the previous is asked for'],
  ["removed with the cluster's `down`", 'packages/kubelet/src/server/log-route.test.ts', 'is told to be lost when the runtime has forgotten the container'],
  ['loopback, link-local or malformed address', 'packages/apiserver/src/proxy/node-proxy.test.ts', 'does not go to %s on its own machine'],
  ['a page of another origin', 'packages/apiserver/src/api-tests/tls.test.ts', 'takes nothing from a page of the origin %s'],
  ['under a name that is not its own', 'packages/apiserver/src/api-tests/tls.test.ts', 'serves no other host than itself: not %s'],
  ['whose service account does not exist', 'packages/apiserver/src/api-tests/service-account-admission.test.ts', 'refuses a pod of an account that is not there'],
  ['made from `generateName` were all taken', 'packages/apiserver/src/registry/generic/registry-store.test.ts', 'is given up after eight of them'],
  ['no longer kept', 'packages/apiserver/src/api-tests/list-pages.test.ts', 'of a revision that is compacted are 410, with a token for the rest as it is now'],
  ['an object that etcd refuses for its size', 'packages/apiserver/src/storage/contract/writes.contract.ts', 'refuses an object that is too large with TooLarge and stays usable'],
  ['more requests at once', 'packages/apiserver/src/api-tests/request-path.test.ts', 'past the limit are told to come again'],
  ["what is not a pod's own address", 'packages/apiserver/src/api-tests/pod-proxy.test.ts', 'does not go to %s'],
  ['neither NAME, NAME:PORT nor SCHEME:NAME:PORT', 'packages/apiserver/src/api-tests/pod-proxy.test.ts', 'answers %s with %i'],
  ['the pod does not run, or does not answer', 'packages/apiserver/src/api-tests/pod-proxy.test.ts', 'answers %s with %i'],
  ['an eviction that a disruption budget does not allow', 'packages/apiserver/src/api-tests/eviction.test.ts', 'is refused by a budget %s'],
  ['with two disruption budgets', 'packages/apiserver/src/api-tests/eviction.test.ts', 'knows no way with two budgets for one pod'],
  ['without an upgrade', 'packages/apiserver/src/api-tests/pod-streams.test.ts', 'wants an upgrade'],
  ['answers an upgrade with a redirect', 'packages/apiserver/src/api-tests/pod-streams.test.ts', 'lead nowhere else'],
  ['a fault of the server', 'packages/apiserver/src/endpoints/filters/filters.test.ts', 'tells what went wrong with the server, without its trace'],
  ['etcd cannot be reached', 'packages/apiserver/src/storage/etcd3/etcd3-storage.integration.test.ts', 'fails every call with Unreachable in bounded time and works again by itself'],
  ['a kubelet cannot be reached', 'packages/apiserver/src/api-tests/tls.test.ts', 'answer 503 when the kubelet is away'],
  ['of a server that stops', 'packages/apiserver/src/endpoints/filters/filters.test.ts', 'sends away who still comes'],
  ['an answer that has not begun', 'packages/apiserver/src/api-tests/request-path.test.ts', 'ends with 504 when its own time is up'],
];

const proven = new Set<string>();

/** Fails unless a row of the page tells of the answer. */
function expectTold({ code, reason, message = '' }: Status): void {
  const told = rows.filter((row) => row.code === code && row.reason === reason);
  const row = told.find(({ example }) => isExample(general(example), general(message)));
  expect(row, `${message}\nis none of\n${told.map(({ example }) => example).join('\n')}`).toBeDefined();
  if (row) proven.add(row.text);
}

describe('docs/errors.md', () => {
  const server = useTestServer();
  const secure = useSecureServer();

  it('has rows', () => expect(rows.length).toBeGreaterThan(40));

  it.each(requests)('tells of %s as it is answered', async (_what, method, path, body, type = json, accept?: string) => {
    await server.createPod('there').catch(() => undefined);
    await server.createPod('bound').then(() => server.bindPod('bound', 'node-2')).catch(() => undefined);
    await server.createPod('two', { spec: { containers: ['server', 'writer'].map((name) => ({ name, image: 'x' })) } }).catch(() => undefined);
    await server.send('POST', leases, { body: { metadata: { name: 'n' } } });
    const answer = await server.send<Status>(method, path, { ...(body === undefined ? {} : { body, contentType: type }), ...(accept ? { accept } : {}) });
    expect(answer.code).toBe(answer.body.code);
    expectTold(answer.body);
  });

  it('tells of who may not come in, and of who may not do it', async () => {
    expectTold((await secure.send(await secure.agent(), 'GET', pods)).status);
    expectTold((await secure.send(await secure.agent('nobody-in-particular'), 'GET', pods)).status);
  });

  it('tells of a namespace that is being deleted', async () => {
    const namespaces = '/api/v1/namespaces';
    await server.send('POST', namespaces, { body: { metadata: { name: 'going' } } });
    await server.send('DELETE', `${namespaces}/going`);
    const { body } = await server.send<Status>('POST', `${namespaces}/going/pods`, { body: podBody('late') });
    expectTold(body);
  });

  it('tells of fields that others own', async () => {
    const path = '/api/v1/namespaces/default/configmaps/owned';
    const apply = (manager: string, a: string) => server.send<Status>('PATCH', `${path}?fieldManager=${manager}`, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' }, data: { a } }, contentType: 'application/apply-patch+yaml' });
    await apply('second', '1');
    expectTold((await apply('first', '2')).body);
  });

  it('has for every row a request here or a test elsewhere', () => {
    const named = elsewhere.filter(([, file, title]) => !readFileSync(join(root, file), 'utf8').includes(title));
    expect(named).toEqual([]);
    const open = rows.filter(({ text }) => !proven.has(text) && !elsewhere.some(([words]) => text.includes(words)));
    expect(open.map(({ text }) => text)).toEqual([]);
  });
});
