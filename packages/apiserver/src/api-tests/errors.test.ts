import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Status } from '@podling/shared/api';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/errors.md'), 'utf8');
const rows = [...page.matchAll(/^\| (\d{3}) \| `(\w+)` \| (.*?) \| `(.*)` \|$/gm)].map(([, code, reason, , example = '']) => ({ code: Number(code), reason, example }));

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
  ['a revision to come', 'GET', `${pods}?resourceVersion=999999999`],
];

/** What takes the names and numbers of this run out of a message. */
const general = (text: string): string => text.replace(/"(?:there|x|bound|nope|web|node-\d|b|A_b)"/g, '""').replace(/\b(?:pod \w+|current: \d+)/g, '').replace(/UID in record \([^)]*\)/, 'UID in record (…)');

describe('docs/errors.md', () => {
  const server = useTestServer();

  it('has rows', () => expect(rows.length).toBeGreaterThan(40));

  it.each(requests)('tells of %s as it is answered', async (_what, method, path, body, type = json, accept?: string) => {
    await server.createPod('there').catch(() => undefined);
    await server.createPod('bound').then(() => server.bindPod('bound', 'node-2')).catch(() => undefined);
    await server.send('POST', leases, { body: { metadata: { name: 'n' } } });
    const answer = await server.send<Status>(method, path, { ...(body === undefined ? {} : { body, contentType: type }), ...(accept ? { accept } : {}) });
    const { code, reason, message = '' } = answer.body;
    expect(answer.code).toBe(code);
    const told = rows.filter((row) => row.code === code && row.reason === reason).map(({ example }) => example);
    expect(told.some((example) => isExample(general(example), general(message))), `${message}\nis none of\n${told.join('\n')}`).toBe(true);
  });
});
