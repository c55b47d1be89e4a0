import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newInvalid } from '@podling/shared/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { kubectl, kubectlWords } from '../testing/run.ts';

const PODS = '/api/v1/namespaces/default/pods';
const web = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } }, spec: { nodeName: 'n1' } };
const yaml = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {nodeName: n2}\n';
const echo = ({ body }: { body?: unknown }) => body;
const api = () => new FakeApi().on(`GET ${PODS}/web`, web).on(`PATCH ${PODS}/web`, { ...web, spec: { nodeName: 'n2' } }).on(`PUT ${PODS}/web`, echo).on(`POST ${PODS}`, echo);
const failure = (stderr: string) => ({ exitCode: 1, stdout: '', stderr: `error: ${stderr}\n` });

function withStdin(text: string): FakeIo {
  const io = new FakeIo();
  io.stdin = text;
  return io;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'podling-kubectl-write-'));
  writeFileSync(join(folder, 'text'), 'hello');
  writeFileSync(join(folder, 'binary'), Buffer.from([0xff, 0]));
  writeFileSync(join(folder, 'pem'), '-----BEGIN NOTHING-----\n-----END NOTHING-----\n');
  writeFileSync(join(folder, 'env'), '# comment\nA=1\n B=x=y\nFROM_ENV\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('kubectl create TYPE', () => {
  it.each<[string, object]>([
    ['namespace a', { kind: 'Namespace', metadata: { name: 'a' } }],
    ['ns a', { kind: 'Namespace' }],
    ['sa a', { kind: 'ServiceAccount' }],
    ['cm a --from-literal=k=a,b=c --from-literal x=', { data: { k: 'a,b=c', x: '' } }],
    ['cm a --from-file=FOLDER/text --from-file=bin=FOLDER/binary', { data: { text: 'hello' }, binaryData: { bin: '/wA=' } }],
    ['cm a --from-file=FOLDER', { data: { text: 'hello', env: '# comment\nA=1\n B=x=y\nFROM_ENV\n' }, binaryData: { binary: '/wA=' } }],
    ['cm a --from-env-file=FOLDER/env', { data: { A: '1', B: 'x=y', FROM_ENV: 'here' } }],
    ['cm a --from-literal=a=b --append-hash', { metadata: { name: 'a-75d544dcc8' } }],
    ['secret generic s --from-literal=a=b --type=x/y', { kind: 'Secret', type: 'x/y', data: { a: 'Yg==' } }],
    ['secret docker-registry s --docker-username=u --docker-password=p', { type: 'kubernetes.io/dockerconfigjson' }],
    ['pc p --value=7 --global-default', { kind: 'PriorityClass', value: 7, globalDefault: true, preemptionPolicy: 'PreemptLowerPriority' }],
    ['svc clusterip s --tcp=80:http', { spec: { type: 'ClusterIP', selector: { app: 's' }, ports: [{ name: '80-http', protocol: 'TCP', port: 80, targetPort: 'http' }] } }],
    ['service externalname s --external-name=a.b', { spec: { type: 'ExternalName', externalName: 'a.b' } }],
    ['pdb p --selector=a=b --max-unavailable=1', { spec: { maxUnavailable: 1, selector: { matchLabels: { a: 'b' } } } }],
  ])('%s', async (line, wanted) => {
    const io = new FakeIo();
    io.env['FROM_ENV'] = 'here';
    const { stdout, stderr } = await kubectl(new FakeApi(), `create ${line.replaceAll('FOLDER', folder)} --dry-run=client -o json`, io);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject(wanted);
  });

  it('posts to the namespace, as itself, and says what was created', async () => {
    const server = new FakeApi().on('POST /api/v1/namespaces', echo);
    expect(await kubectl(server, 'create ns a --dry-run=server --save-config')).toEqual({ exitCode: 0, stdout: 'namespace/a created (server dry run)\n', stderr: '' });
    expect(server.sent('POST')[0]?.query).toEqual({ fieldManager: 'kubectl-create', fieldValidation: 'Strict', dryRun: 'All' });
  });

  it('prints a token, and nothing else', async () => {
    const server = new FakeApi().on('POST /api/v1/namespaces/default/serviceaccounts/a/token', { status: { token: 'secret' } });
    expect((await kubectl(server, 'create token a --duration=10m --audience=x')).stdout).toBe('secret');
    expect(server.sent('POST')[0]?.body).toMatchObject({ spec: { audiences: ['x'], expirationSeconds: 600 } });
  });

  it.each([
    ['ns', "exactly one NAME is required, got 0\nSee 'kubectl create namespace -h' for help and examples"],
    ['cm a --from-literal=a', 'invalid literal source a, expected key=value'],
    ['cm a --from-literal=a=1 --from-literal=a=2', 'cannot add key "a", another key by that name already exists in Data for ConfigMap "a"'],
    ['cm a --from-file=/nonexistent', 'error reading /nonexistent: no such file or directory'],
    ['cm a --from-file=k=FOLDER', 'cannot give a key name for a directory path'],
    ['cm a --from-env-file=FOLDER', 'env config file cannot be a directory'],
    ['cm a --from-env-file=x --from-literal=a=b', 'from-env-file cannot be combined with from-file or from-literal'],
    ['secret docker-registry s', 'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required'],
    ['secret tls s', 'key and cert must be specified'],
    ['secret tls s --cert=FOLDER/text --key=FOLDER/pem', 'tls: failed to find any PEM data in certificate input'],
    ['secret tls s --cert=FOLDER/pem --key=FOLDER/text', 'tls: failed to find any PEM data in key input'],
    ['secret tls s --cert=FOLDER/pem --key=FOLDER/pem', 'failed to find a certificate and its key in PEM'],
    ['svc clusterip s', 'at least one tcp port specifier must be provided'],
    ['svc externalname s', 'required flag(s) "external-name" not set'],
    ['pdb p --selector=a=b', 'one of min-available or max-unavailable must be specified'],
    ['token a --bound-object-kind=Foo', 'supported --bound-object-kind values are Node, Pod, Secret'],
    ['ns a --dry-run=x', 'Invalid dry-run value (x). Must be "none", "server", or "client".'],
    ['ns a --dry-run=client -o custom-columns=A:.b', 'unable to match a printer suitable for the output format "custom-columns=A:.b", allowed formats are: json,jsonpath,'],
    ['fly', "Unexpected args: [fly]\nSee 'kubectl create -h' for help and examples"],
  ])('%s fails with a reason', async (line, message) => {
    const { exitCode, stdout, stderr } = await kubectl(new FakeApi(), `create ${line.replaceAll('FOLDER', folder)}`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
  });
});

describe('kubectl create and replace --raw', () => {
  it.each([['create', 'POST'], ['replace', 'PUT']])('%s sends the bytes of the file', async (verb, method) => {
    const server = new FakeApi().on(`${method} /x`, ['answer\n']);
    expect(await kubectl(server, `${verb} --raw /x?a=b -f ${folder}/binary`)).toEqual({ exitCode: 0, stdout: 'answer\n', stderr: '' });
    expect(server.sent(method)[0]).toMatchObject({ query: { a: 'b' }, body: Buffer.from([0xff, 0]) });
  });

  it.each([
    ['-f a -f b', '--raw can only use a single local file or stdin'],
    ['', '--raw can only use a single local file or stdin'],
    ['-f http://127.0.0.1:1/', '--raw cannot read from a url'],
    ['-f a -R', '--raw and --recursive are mutually exclusive'],
    ['-f a -o json', '--raw and --output are mutually exclusive'],
    ['-f a --edit', '--raw and --edit are mutually exclusive'],
    ['-f /nonexistent/a', 'open /nonexistent/a: no such file or directory'],
  ])('create --raw /x %s fails', async (line, message) => {
    expect(await kubectl(new FakeApi(), `create --raw /x ${line}`)).toEqual(failure(message));
  });
});

describe('kubectl patch', () => {
  it.each([
    ['-p {"spec":{"nodeName":"n2"}}', 'application/strategic-merge-patch+json', { spec: { nodeName: 'n2' } }],
    ['--type=merge -p spec:', 'application/merge-patch+json', { spec: null }],
    ['--type=JSON -p []', 'application/json-patch+json', []],
  ])('%s', async (flags, contentType, body) => {
    const server = api();
    expect((await kubectl(server, `patch pod web ${flags}`)).stdout).toBe('pod/web patched\n');
    expect(server.sent('PATCH')[0]).toMatchObject({ contentType, body, query: { fieldManager: 'kubectl-patch' } });
  });

  it('says when nothing changed', async () => {
    expect((await kubectl(api().on(`PATCH ${PODS}/web`, web), 'patch pod web -p {}')).stdout).toBe('pod/web patched (no change)\n');
  });

  it('patches a subresource', async () => {
    const server = api().on(`PATCH ${PODS}/web/status`, web);
    expect((await kubectl(server, 'patch pod web -p {} --subresource=status')).exitCode).toBe(0);
  });

  it.each([
    ['--dry-run=client', 'patch pod web'],
    ['--local', 'patch -f -'],
  ])('%s sends nothing', async (flag, line) => {
    const server = api();
    const patch = '[{"op":"replace","path":"/spec/nodeName","value":"n9"}]';
    expect((await kubectl(server, `${line} ${flag} --type=json -p ${patch} -o jsonpath={.spec.nodeName}`, withStdin(yaml))).stdout).toBe('n9');
    expect(server.sent('PATCH')).toEqual([]);
  });

  it.each(['patch --type=merge -p {"metadata":{"labels":{"a":"b"}}}', 'label a=b'])('%s --local needs no server and adds nothing', async (line) => {
    const io = withStdin('apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\n');
    io.env['KUBECONFIG'] = '/nonexistent';
    expect(await kubectlWords([...line.split(' '), '--local', '-f', '-', '-o', 'jsonpath={.metadata}'], io)).toBe(0);
    expect(io.stdout).toBe('{"labels":{"a":"b"},"name":"t"}');
  });

  it.each([
    ['web', 'must specify --patch or --patch-file containing the contents of the patch'],
    ['web -p {} --patch-file=x', 'cannot specify --patch and --patch-file together'],
    ['web -p {} --type=x', '--type must be one of [json merge strategic], not "x"'],
    ['web -p {', 'unable to parse "{": Flow map must end with a } at line 1, column 2\n'],
    ['web --patch-file=/nonexistent', 'unable to read patch file: open /nonexistent: no such file or directory'],
  ])('of %s fails with a reason', async (flags, message) => {
    expect((await kubectl(api(), `patch pod ${flags}`)).stderr).toContain(`error: ${message}`);
  });
});

describe('kubectl label and annotate', () => {
  it('sends only what changes', async () => {
    const server = api();
    expect((await kubectl(server, 'label pod web a=b app-')).stdout).toBe('pod/web modified\n');
    expect(server.sent('PATCH')[0]).toMatchObject({ contentType: 'application/merge-patch+json', body: { metadata: { labels: { a: 'b', app: null } } } });
  });

  it.each([
    ['label pod web app=web', 'pod/web not labeled\n'],
    ['label pod web a=b --dry-run=client', 'pod/web labeled (dry run)\n'],
    ['label pod web app- --dry-run=client', 'pod/web unlabeled (dry run)\n'],
    ['label pod web x-', 'label "x" not found.\npod/web not labeled\n'],
    ['label pod web app=x --overwrite', 'pod/web modified\n'.replace('modified', 'labeled')],
    ['label pod web --list', 'app=web\n'],
    ['label -f - --local a=b -o name', 'pod/web\n'],
    ['annotate pod web a=b=c', 'pod/web annotated\n'],
    ['annotate pod web a-', 'pod/web annotated\n'],
  ])('%s', async (line, stdout) => {
    expect(await kubectl(api(), line, withStdin(yaml))).toEqual({ exitCode: 0, stdout, stderr: '' });
  });

  it('labels every object of a selection', async () => {
    const server = api().on(`GET ${PODS}`, { items: [web] });
    expect((await kubectl(server, 'label pods --all a=b')).stdout).toBe('pod/web labeled\n');
  });

  it.each([
    ['label pod web app=x', "'app' already has a value (web), and --overwrite is false"],
    ['label pod web a=b db', 'all resources must be specified before label changes: db'],
    ['label pod web', 'at least one label update is required'],
    ['label a=b', 'one or more resources must be specified as <resource> <name> or <resource>/<name>'],
    ['label pod web a=b a-', 'can not both modify and remove a label in the same command'],
    ['annotate pod web a=b a-', 'can not both modify and remove the following annotation(s) in the same command: a'],
    ['label pod web a=_', 'invalid label value: "a=_": '],
    ['label pods --all a=b --resource-version=1', '--resource-version may only be used with a single resource'],
  ])('%s fails with a reason', async (line, message) => {
    const { exitCode, stderr } = await kubectl(api().on(`GET ${PODS}`, { items: [] }), line);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`error: ${message}`);
  });
});

describe('kubectl replace', () => {
  it('puts the object in its place', async () => {
    const server = api();
    expect((await kubectl(server, 'replace -f -', withStdin(yaml))).stdout).toBe('pod/web replaced\n');
    expect(server.sent('PUT')[0]?.body).toMatchObject({ spec: { nodeName: 'n2' } });
  });

  it('deletes first with --force', async () => {
    const server = new FakeApi().on(`DELETE ${PODS}/web`, { kind: 'Status', details: {} }).on(`POST ${PODS}`, echo);
    expect((await kubectl(server, 'replace --force -f -', withStdin(yaml))).stdout).toBe('pod "web" deleted from default namespace\npod/web replaced\n');
  });

  it('waits for a node also with a grace period of 0', async () => {
    const server = new FakeApi().on(`DELETE ${PODS}/web`, { kind: 'Status', details: {} }).on(`POST ${PODS}`, echo);
    expect(await kubectl(server, 'replace --force --grace-period=0 -f -', withStdin(yaml))).toEqual({ exitCode: 0, stdout: 'pod "web" deleted from default namespace\npod/web replaced\n', stderr: '' });
    expect(server.sent('DELETE')[0]?.body).toMatchObject({ gracePeriodSeconds: 1 });
  });

  it('needs --force for a grace period', async () => {
    expect(await kubectl(api(), 'replace -f - --grace-period=1', withStdin(yaml))).toEqual(failure('--grace-period must have --force specified'));
  });
});

describe('kubectl edit', () => {
  /** Writes `texts`, one after the other, as the user would. */
  function editor(...texts: ((text: string) => string)[]): FakeIo & { seen: string[] } {
    const seen: string[] = [];
    const io = Object.assign(new FakeIo(), { seen });
    io.env['TMPDIR'] = folder;
    io.program = (words) => {
      const file = words.at(-1) ?? '';
      const text = readFileSync(file, 'utf8');
      seen.push(text);
      writeFileSync(file, (texts.shift() ?? ((same: string) => same))(text));
      return 0;
    };
    return io;
  }

  it('sends what the user changed', async () => {
    const server = api();
    const io = editor((text) => text.replace('n1', 'n2'));
    expect(await kubectl(server, 'edit pod web', io)).toEqual({ exitCode: 0, stdout: 'pod/web edited\n', stderr: '' });
    expect(server.sent('PATCH')[0]?.body).toEqual({ spec: { nodeName: 'n2' } });
    expect(io.seen[0]).toMatch(/^# Please edit the object below\..*\napiVersion: v1/s);
  });

  it.each([
    [(text: string) => text, 'Edit cancelled, no changes made.\n'],
    [() => '# nothing\n', 'Edit cancelled, saved file was empty.\n'],
  ])('gives up when nothing is left to do', async (change, stderr) => {
    const server = api();
    expect(await kubectl(server, 'edit pod web', editor(change))).toEqual({ exitCode: 0, stdout: '', stderr });
    expect(server.sent('PATCH')).toEqual([]);
  });

  it('opens the file again with what was wrong', async () => {
    let patches = 0;
    const refused = newInvalid({ group: '', kind: 'Pod' }, 'web', [{ field: 'spec.nodeName', reason: 'FieldValueInvalid', message: 'no such node' }]);
    const server = api().on(`PATCH ${PODS}/web`, () => ((patches += 1) === 1 ? refused : web));
    const io = editor((text) => text.replace('n1', 'n7'), (text) => text.replace('n7', 'n2'));
    expect((await kubectl(server, 'edit pod web', io)).stdout).toBe('pod/web edited\n');
    expect(io.seen[1]).toContain('# The Pod "web" is invalid: spec.nodeName: no such node\n');
  });

  it('keeps the text when the user has no better one', async () => {
    const io = editor((text) => `${text}  broken: [`);
    const { exitCode, stderr } = await kubectl(api(), 'edit pod web', io);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/A copy of your changes has been stored to ".*edit\.yaml"\nerror: Edit cancelled, no valid changes were saved\.\n$/);
  });

  it('refuses another name', async () => {
    const { stderr } = await kubectl(api(), 'edit pod web', editor((text) => text.replace('name: web', 'name: other')));
    expect(stderr).toContain('error: At least one of apiVersion, kind and name was changed');
  });

  it('says what to do without an editor', async () => {
    const io = editor();
    io.program = () => 127;
    expect((await kubectl(api(), 'edit pod web', io)).stderr).toBe('error: unable to launch the editor "vi": set KUBE_EDITOR or EDITOR to one that is there\n');
  });

  it('leaves nothing when the editor fails before anything is saved, and what was saved before', async () => {
    const left = (): string[] => readdirSync(folder).filter((name) => name.startsWith('kubectl-edit-'));
    const before = left().length;
    const io = editor();
    io.program = () => 3;
    expect(await kubectl(api(), 'edit pod web', io)).toEqual({ exitCode: 1, stdout: '', stderr: 'error: there was a problem with the editor "vi"\n' });
    expect(left()).toHaveLength(before);
    const again = editor((text) => `${text}  broken: [`);
    const { program } = again;
    again.program = (words) => (again.seen.length === 0 ? program(words) : 3);
    expect((await kubectl(api(), 'edit pod web', again)).stderr).toMatch(/A copy of your changes has been stored to ".*edit\.yaml"\nerror: there was a problem with the editor "vi"\n$/);
    expect(left()).toHaveLength(before + 1);
  });
});
