import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeIo } from '../testing/fake-io.ts';
import { kubectlWords } from '../testing/run.ts';

const YAML = `apiVersion: v1
kind: Config
current-context: one
clusters:
- name: c.dotted
  cluster: {server: "https://a:1", certificate-authority-data: QQ==}
contexts:
- name: one
  context: {cluster: c.dotted, user: u, namespace: blue}
- name: two
  context: {cluster: c.dotted, user: u}
users:
- name: u
  user: {token: secret, client-key: key.pem}
- name: other
  user: {password: secret}
`;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'podling-kubectl-config-'));
  file = join(folder, 'config');
  writeFileSync(file, YAML);
  writeFileSync(join(folder, 'key.pem'), 'KEY');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function config(line: string, kubeconfig = file) {
  const io = new FakeIo();
  io.env['KUBECONFIG'] = kubeconfig;
  const exitCode = await kubectlWords(['config', ...line.split(' ')], io);
  return { exitCode, stdout: io.stdout, stderr: io.stderr };
}
const read = (path = file) => parse(readFileSync(path, 'utf8')) as { clusters: object[]; contexts: { name: string; context: object }[]; users: { name: string; user: object }[]; 'current-context': string };
const user = (name: string) => read().users.find((entry) => entry.name === name)?.user;

describe('kubectl config view', () => {
  it('shows no secret', async () => {
    const { stdout } = await config('view');
    expect(stdout).not.toContain('secret');
    expect(stdout).toContain('certificate-authority-data: DATA+OMITTED');
    expect(stdout).toContain('token: REDACTED');
    expect(stdout).toContain(`client-key: ${folder}/key.pem`);
  });

  it('shows all of what one context needs, alone and without files', async () => {
    const shown = parse((await config('view --minify --flatten --raw')).stdout) as ReturnType<typeof read>;
    expect(shown.contexts).toHaveLength(1);
    expect(shown.users).toEqual([{ name: 'u', user: { token: 'secret', 'client-key-data': 'S0VZ' } }]);
  });

  it('merges files, the first definition first', async () => {
    const second = join(folder, 'second');
    writeFileSync(second, 'current-context: two\nclusters: [{name: c.dotted, cluster: {server: "https://b"}}, {name: d, cluster: {server: "https://d"}}]\n');
    expect((await config('view -o jsonpath={.clusters[*].cluster.server}{.current-context}', `${file}:${second}`)).stdout).toBe('https://a:1 https://done');
  });
});

describe('kubectl config', () => {
  it.each([
    ['current-context', 'one\n'],
    ['get-clusters', 'NAME\nc.dotted\n'],
    ['get-users', 'NAME\nother\nu\n'],
    ['get-contexts', 'CURRENT   NAME   CLUSTER    AUTHINFO   NAMESPACE\n*         one    c.dotted   u          blue\n          two    c.dotted   u          \n'],
    ['get-contexts two --no-headers', '      two   c.dotted   u     \n'],
    ['get-contexts -o name', 'one\ntwo\n'],
  ])('%s', async (line, stdout) => {
    expect(await config(line)).toEqual({ exitCode: 0, stdout, stderr: '' });
  });

  it.each<[string, string, () => unknown, unknown]>([
    ['use-context two', 'Switched to context "two".\n', () => read()['current-context'], 'two'],
    ['rename-context one three', 'Context "one" renamed to "three".\n', () => read()['current-context'], 'three'],
    ['set-context --current --namespace=red', 'Context "one" modified.\n', () => read().contexts[0]?.context, { cluster: 'c.dotted', user: 'u', namespace: 'red' }],
    ['set-context new --cluster=x', 'Context "new" created.\n', () => read().contexts[0]?.context, { cluster: 'x', user: '' }],
    ['set-cluster c.dotted --server=https://z/ --insecure-skip-tls-verify=true', 'Cluster "c.dotted" set.\n', () => read().clusters, [{ name: 'c.dotted', cluster: { server: 'https://z', 'insecure-skip-tls-verify': true } }]],
    ['set-credentials u --username=me --password=you', 'User "u" set.\n', () => user('u'), { 'client-key': 'key.pem', username: 'me', password: 'you' }],
    ['set users.u.token new', 'Property "users.u.token" set.\n', () => user('u'), { token: 'new', 'client-key': 'key.pem' }],
    ['set clusters.c.dotted.server https://y', 'Property "clusters.c.dotted.server" set.\n', () => read().clusters, [{ name: 'c.dotted', cluster: { server: 'https://y', 'certificate-authority-data': 'QQ==' } }]],
    ['unset users.other', 'Property "users.other" unset.\n', () => user('other'), undefined],
    ['unset contexts.one.namespace', 'Property "contexts.one.namespace" unset.\n', () => read().contexts[0]?.context, { cluster: 'c.dotted', user: 'u' }],
  ])('%s', async (line, stdout, state, wanted) => {
    expect(await config(line)).toEqual({ exitCode: 0, stdout, stderr: '' });
    expect(state()).toEqual(wanted);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('embeds files', async () => {
    await config(`set-credentials u --client-key=${folder}/key.pem --embed-certs`);
    expect(user('u')).toEqual({ token: 'secret', 'client-key-data': 'S0VZ' });
  });

  it('deletes, and says when that was the current context', async () => {
    const { stdout, stderr } = await config('delete-context one');
    expect(stdout).toBe(`deleted context one from ${file}\n`);
    expect(stderr).toMatch(/^warning: this removed your active context/);
    expect(read().contexts.map(({ name }) => name)).toEqual(['two']);
  });

  it('changes what is there where it is, and makes what is new in the first file that exists', async () => {
    const second = join(folder, 'second');
    writeFileSync(second, 'contexts: [{name: far, context: {cluster: x, user: y}}]\n');
    const both = `${join(folder, 'missing')}:${file}:${second}`;
    await config('set-context far --namespace=n', both);
    await config('set-context near --namespace=n', both);
    expect(read(second).contexts.map(({ name }) => name)).toEqual(['far']);
    expect(read().contexts.map(({ name }) => name)).toEqual(['near', 'one', 'two']);
  });

  it('makes the file and its folder', async () => {
    const path = join(folder, 'new', 'config');
    expect((await config('set-cluster a --server=https://a', path)).exitCode).toBe(0);
    expect(read(path).clusters).toHaveLength(1);
  });

  it.each([
    ['use-context nope', 'no context exists with the name: "nope"'],
    ['use-context', 'Unexpected args: []'],
    ['delete-user nope', 'cannot delete user nope, not in '],
    ['get-contexts nope', 'context nope not found'],
    ['rename-context one two', 'cannot rename the context "one", the context "two" already exists in '],
    ['set-context', 'you must specify a non-empty context name or --current'],
    ['set-credentials u --token=a --username=b', 'you cannot specify more than one authentication method at the same time: --token, --username/--password'],
    ['set-cluster c --certificate-authority=x --insecure-skip-tls-verify', 'you cannot specify a certificate authority and insecure mode at the same time'],
    ['set nonsense.a b', 'unable to parse nonsense.a: it is none of current-context, clusters.NAME.FIELD'],
    ['unset users.nope', 'current map key `nope` is invalid'],
    ['view --minify --context=nope', 'cannot locate context nope'],
    ['fly', 'unknown command "fly"'],
  ])('%s fails with a reason and changes nothing', async (line, message) => {
    const { exitCode, stderr } = await config(line);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`error: ${message}`);
    expect(readFileSync(file, 'utf8')).toBe(YAML);
  });

  it('says which file is broken', async () => {
    writeFileSync(file, 'a: [');
    expect((await config('view')).stderr).toContain(`error: error loading config file "${file}": `);
    expect((await config('view --kubeconfig=/')).stderr).toBe('error: error loading config file "/": read /: is a directory\n');
  });
});
