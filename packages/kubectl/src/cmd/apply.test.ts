import { newAlreadyExists, newConflict, newInvalid } from '@podling/shared/api';
import { ConnectionError } from '@podling/shared/client';
import { describe, expect, it } from 'vitest';
import { withLastApplied } from '../apply/last-applied.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { kubectl } from '../testing/run.ts';

const PODS = '/api/v1/namespaces/default/pods';
const pods = { group: '', resource: 'pods' };
const yaml = (name: string, label = 'x') => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {l: ${label}}}\n`;
const object = (name: string, label = 'x') => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels: { l: label } } });
const echo = ({ body }: { body?: unknown }) => body;

function apply(server: FakeApi, stdin: string, line = 'apply -f -') {
  const io = new FakeIo();
  io.stdin = stdin;
  return kubectl(server, line, io);
}

describe('kubectl apply', () => {
  it('creates what is missing and remembers what was applied', async () => {
    const server = new FakeApi().on(`POST ${PODS}`, echo);
    expect(await apply(server, yaml('web'))).toEqual({ exitCode: 0, stdout: 'pod/web created\n', stderr: '' });
    expect(server.sent('POST')[0]?.body).toEqual(withLastApplied(object('web')));
  });

  it('sends nothing when nothing differs', async () => {
    const server = new FakeApi().on(`GET ${PODS}/web`, withLastApplied(object('web')));
    expect((await apply(server, yaml('web'))).stdout).toBe('pod/web unchanged\n');
    expect(server.sent('PATCH')).toEqual([]);
  });

  it('patches the difference', async () => {
    const server = new FakeApi().on(`GET ${PODS}/web`, withLastApplied(object('web'))).on(`PATCH ${PODS}/web`, object('web'));
    expect((await apply(server, yaml('web', 'z'))).stdout).toBe('pod/web configured\n');
    expect(server.sent('PATCH')[0]).toMatchObject({ contentType: 'application/strategic-merge-patch+json', body: { metadata: { labels: { l: 'z' } } } });
  });

  it('reads again when somebody else wrote in between', async () => {
    let patches = 0;
    const server = new FakeApi()
      .on(`GET ${PODS}/web`, withLastApplied(object('web')))
      .on(`PATCH ${PODS}/web`, () => ((patches += 1) === 1 ? newConflict(pods, 'web', 'changed') : object('web')));
    expect(await apply(server, yaml('web', 'z'))).toMatchObject({ exitCode: 0, stdout: 'pod/web configured\n' });
    expect(patches).toBe(2);
  });

  it('warns about an object that was not made by apply', async () => {
    const server = new FakeApi().on(`GET ${PODS}/web`, object('web')).on(`PATCH ${PODS}/web`, object('web'));
    const { stdout, stderr } = await apply(server, yaml('web'));
    expect(stdout).toBe('pod/web configured\n');
    expect(stderr).toMatch(/^Warning: resource pods\/web is missing the kubectl\.kubernetes\.io\/last-applied-configuration annotation/);
  });

  it('lets one bad document stop nothing but the exit status', async () => {
    const refused = newInvalid({ group: '', kind: 'Pod' }, 'bad', [{ field: 'spec.containers', reason: 'FieldValueRequired', message: 'Required value' }]);
    const server = new FakeApi().on(`POST ${PODS}`, ({ body }: { body?: unknown }) => ((body as { metadata: { name: string } }).metadata.name === 'bad' ? refused : body));
    const documents = [yaml('a'), yaml('bad'), 'kind: [\n', 'apiVersion: apps/v9\nkind: Widget\nmetadata: {name: w}\n', yaml('b')];
    const { exitCode, stdout, stderr } = await apply(server, documents.join('---\n'));
    expect(exitCode).toBe(1);
    expect(stdout).toBe('pod/a created\npod/b created\n');
    expect(stderr).toContain('The Pod "bad" is invalid: spec.containers: Required value\n');
    expect(stderr).toContain('error: resource mapping not found for name: "w" namespace: "" from "STDIN": no matches for kind "Widget" in version "apps/v9"');
    expect(stderr).toMatch(/error: error parsing STDIN: line \d+, column \d+: /);
  });

  it('stops at once when the server is gone', async () => {
    const refused = new ConnectionError('http://127.0.0.1:8080', 'refused', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) });
    const server = new FakeApi().on(`GET ${PODS}/a`, refused);
    expect(await apply(server, `${yaml('a')}---\n${yaml('b')}`)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'The connection to the server 127.0.0.1:8080 was refused - did you specify the right host or port?\n',
    });
  });

  it('takes the namespace from the document, else from the command line', async () => {
    const server = new FakeApi().on('POST /api/v1/namespaces/blue/pods', echo);
    expect((await apply(server, 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: blue}')).stdout).toBe('pod/a created\n');
    expect((await apply(server, yaml('b'), 'apply -n blue -f -')).stdout).toBe('pod/b created\n');
  });

  it.each([
    ['apply', '', 'error: must specify -f\n'],
    ['apply -f -', '', 'no objects passed'],
    ['apply -n red -f -', 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: blue}', 'the namespace from the provided object "blue" does not match the namespace "red"'],
    ['apply -f -', 'apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}', 'cannot use generate name with apply'],
  ])('%s of %j fails with a reason', async (line, stdin, message) => {
    const { exitCode, stderr } = await apply(new FakeApi(), stdin, line);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });
});

describe('--validate', () => {
  it.each([
    ['', 'Strict'],
    [' --validate', 'Strict'],
    ['=true', 'Strict'],
    ['=strict', 'Strict'],
    ['=warn', 'Warn'],
    ['=false', 'Ignore'],
    ['=ignore', 'Ignore'],
  ])('%j asks for %s', async (value, fieldValidation) => {
    const flag = value.startsWith('=') ? ` --validate${value}` : value;
    const server = new FakeApi().on(`POST ${PODS}`, echo).on(`GET ${PODS}/live`, withLastApplied(object('live'))).on(`PATCH ${PODS}/live`, {});
    await apply(server, yaml('web'), `create${flag} -f -`);
    await apply(server, `${yaml('web')}---\n${yaml('live', 'z')}`, `apply${flag} -f -`);
    const writes = [...server.sent('POST'), ...server.sent('PATCH')].map(({ query }) => query?.['fieldValidation']);
    expect(writes).toEqual([fieldValidation, fieldValidation, fieldValidation]);
  });

  it('refuses what it does not know', async () => {
    const stderr = 'error: invalid - validate option "perhaps"; must be one of: strict (or true), warn, ignore (or false)\n';
    expect(await apply(new FakeApi(), yaml('web'), 'apply --validate=perhaps -f -')).toEqual({ exitCode: 1, stdout: '', stderr });
  });
});

describe('kubectl create', () => {
  it('creates, and names the file when the server refuses', async () => {
    const server = new FakeApi().on(`POST ${PODS}`, echo);
    expect((await apply(server, yaml('web'), 'create -f -')).stdout).toBe('pod/web created\n');
    server.on(`POST ${PODS}`, newAlreadyExists(pods, 'web'));
    expect(await apply(server, yaml('web'), 'create -f -')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Error from server (AlreadyExists): error when creating "STDIN": pods "web" already exists\n',
    });
  });

  it('prints the name that the server generated', async () => {
    const server = new FakeApi().on(`POST ${PODS}`, object('job-x7'));
    expect((await apply(server, 'apiVersion: v1\nkind: Pod\nmetadata: {generateName: job-}', 'create -f -')).stdout).toBe('pod/job-x7 created\n');
  });
});
