import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newConflict } from '@podling/shared/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withLastApplied } from '../apply/last-applied.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { kubectl } from '../testing/run.ts';

const PODS = '/api/v1/namespaces/default/pods';
const pods = { group: '', resource: 'pods' };
const echo = ({ body }: { body?: unknown }) => body;
const pod = (name: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: name }, ...more });
const yaml = (name: string, nodeName = 'n1') => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {nodeName: ${nodeName}}\n`;
const ready = (status: string, more: object = {}) => pod('web', { status: { phase: 'Running', conditions: [{ type: 'Ready', status }], ...more } });

function withStdin(text: string): FakeIo {
  const io = new FakeIo();
  io.stdin = text;
  return io;
}

describe('kubectl wait', () => {
  it.each([
    ['--for=condition=ready', ready('True')],
    ['--for=condition=Ready=false', ready('False')],
    ['--for=jsonpath={.status.phase}=Running', ready('True')],
    ['--for=jsonpath=.status.phase', ready('True')],
    ['--for=create', ready('True')],
  ])('%s is over at once when it is so', async (flag, object) => {
    expect((await kubectl(new FakeApi().on(`GET ${PODS}/web`, object), `wait pod/web ${flag}`)).stdout).toBe('pod/web condition met\n');
  });

  it('sees it come', async () => {
    const api = new FakeApi().on(`GET ${PODS}/web`, ready('False')).on(`WATCH ${PODS}`, [{ type: 'MODIFIED', object: ready('True') }]);
    expect((await kubectl(api, 'wait pod web --for=condition=Ready')).stdout).toBe('pod/web condition met\n');
  });

  it('sees it go', async () => {
    const api = new FakeApi().on(`GET ${PODS}/web`, ready('False')).on(`WATCH ${PODS}`, [{ type: 'DELETED', object: ready('True') }]);
    expect((await kubectl(api, 'wait pod web --for=delete')).stdout).toBe('pod/web condition met\n');
  });

  it('says nothing of what was gone before', async () => {
    expect(await kubectl(new FakeApi(), 'wait pod web --for=delete')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it('does not believe a condition of an older generation', async () => {
    const old = { ...ready('True', { observedGeneration: 1 }), metadata: { name: 'web', generation: 2 } };
    expect((await kubectl(new FakeApi().on(`GET ${PODS}/web`, old), 'wait pod web --for=condition=Ready --timeout=0')).stderr).toBe('error: condition not met for pods/web\n');
  });

  it.each([
    ['pod web --for=condition=Ready --timeout=0', 'error: condition not met for pods/web\n'],
    ['pod web --for=condition=Ready --timeout=10ms', 'error: timed out waiting for the condition on pods/web\n'],
    ['pod x --for=condition=Ready', 'Error from server (NotFound): pods "x" not found\n'],
    ['pods --all --for=condition=Ready', 'error: no matching resources found\n'],
    ['pod web --for=nonsense', 'error: unrecognized condition: "nonsense"\n'],
    ['pod web --for=jsonpath=', 'error: jsonpath expression cannot be empty\n'],
    ['pod web', 'error: required flag(s) "for" not set: say --for=condition=Ready, --for=delete, --for=create or --for=jsonpath=…\n'],
  ])('%s fails with a reason', async (words, stderr) => {
    const api = new FakeApi()
      .on(`GET ${PODS}/web`, ready('False'))
      .on(`GET ${PODS}`, { items: [] })
      .on(`WATCH ${PODS}`, async function* ({ signal }: { signal?: AbortSignal }) {
        yield* [];
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
      });
    expect(await kubectl(api, `wait ${words}`)).toEqual({ exitCode: 1, stdout: '', stderr });
  });
});

describe('kubectl apply --server-side', () => {
  it('hands the whole object to the server', async () => {
    const api = new FakeApi().on(`PATCH ${PODS}/web`, echo);
    expect((await kubectl(api, 'apply --server-side --force-conflicts -f -', withStdin(yaml('web')))).stdout).toBe('pod/web serverside-applied\n');
    expect(api.sent('PATCH')[0]).toMatchObject({ contentType: 'application/apply-patch+yaml', query: { fieldManager: 'kubectl', force: true }, body: { spec: { nodeName: 'n1' } } });
  });

  it('says what to do about a conflict', async () => {
    const api = new FakeApi().on(`PATCH ${PODS}/web`, newConflict(pods, 'web', 'Apply failed'));
    const { exitCode, stderr } = await kubectl(api, 'apply --server-side -f -', withStdin(yaml('web')));
    expect(exitCode).toBe(1);
    expect(stderr).toContain('--force-conflicts');
  });

  it('takes over what client-side apply made', async () => {
    const managedFields = [{ manager: 'kubectl-client-side-apply', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:spec': {} } }, { manager: 'kubectl', operation: 'Apply', apiVersion: 'v1' }];
    const applied = withLastApplied({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } });
    const live = { ...applied, metadata: { ...applied.metadata, resourceVersion: '9', managedFields } };
    const api = new FakeApi().on(`GET ${PODS}/web`, live).on(`PATCH ${PODS}/web`, live);
    expect((await kubectl(api, 'apply --server-side -f -', withStdin(yaml('web')))).stdout).toBe('pod/web serverside-applied\n');
    expect(api.sent('PATCH').map(({ contentType, query }) => [contentType, query?.['fieldManager']])).toEqual([
      ['application/apply-patch+yaml', 'kubectl'],
      ['application/apply-patch+yaml', 'kubectl-last-applied'],
      ['application/json-patch+json', undefined],
      ['application/apply-patch+yaml', 'kubectl'],
    ]);
  });

  it('leaves the annotation to whoever keeps it up, under another name', async () => {
    const applied = withLastApplied({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } });
    const api = new FakeApi().on(`PATCH ${PODS}/web`, applied);
    await kubectl(api, 'apply --server-side --field-manager=other -f -', withStdin(yaml('web')));
    expect(api.sent('PATCH').map(({ query }) => query?.['fieldManager'])).toEqual(['other']);
  });

  it.each([
    ['--force-conflicts', '--force-conflicts only works with --server-side'],
    ['--server-side --dry-run=client', "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)"],
    ['--prune', 'all resources selected for prune without explicitly passing --all.'],
    ['--prune --all -l a=b', 'cannot set --all and --selector at the same time'],
    ['--prune --all --prune-allowlist=Pod', 'invalid GroupVersionKind format: Pod, please follow <group/version/kind>'],
  ])('%s fails with a reason', async (flags, message) => {
    expect((await kubectl(new FakeApi(), `apply -f - ${flags}`, withStdin(yaml('web')))).stderr).toContain(`error: ${message}`);
  });
});

describe('kubectl apply', () => {
  it('applies nothing when a type that it is to prune is not there', async () => {
    const api = new FakeApi();
    const { exitCode, stderr } = await kubectl(api, 'apply -f - --prune --all --prune-allowlist=apps/v1/Foo', withStdin(yaml('web')));
    expect([exitCode, stderr]).toEqual([1, 'error: no matches for kind "Foo" in version "apps/v1"\n']);
    expect([...api.sent('POST'), ...api.sent('PATCH')]).toEqual([]);
  });

  it('prunes what it made before and is not in the files', async () => {
    const old = withLastApplied({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'old' } });
    const items = [pod('web'), { ...old, metadata: { ...old.metadata, uid: 'old' } }, pod('by-hand')];
    const api = new FakeApi().on(`POST ${PODS}`, pod('web')).on(`GET ${PODS}`, { items }).on(`DELETE ${PODS}/old`, {}).on('GET /api/v1/namespaces', { items: [] });
    const manifests = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: x}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: not-meant}\n';
    expect((await kubectl(api, 'apply -f - --prune -l app=x', withStdin(manifests))).stdout).toBe('pod/web created\npod/old pruned\n');
    expect(api.sent('DELETE')).toHaveLength(1);
  });

  it('shows what it keeps of an object', async () => {
    const api = new FakeApi().on(`GET ${PODS}/web`, withLastApplied({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } })).on(`GET ${PODS}/db`, pod('db'));
    expect((await kubectl(api, 'apply view-last-applied pod web')).stdout).toBe('apiVersion: v1\nkind: Pod\nmetadata:\n  annotations: {}\n  name: web\n');
    expect((await kubectl(api, 'apply view-last-applied pod db')).stderr).toContain('error: no last-applied-configuration annotation found on resource: db');
  });

  it('shows several objects as one List', async () => {
    const api = new FakeApi().on(`POST ${PODS}`, echo);
    const { stdout } = await kubectl(api, 'apply -f - -o jsonpath={.items[*].metadata.name}', withStdin(`${yaml('a')}---\n${yaml('b')}`));
    expect(stdout).toBe('a b');
  });

  it('sends nothing with --dry-run=client', async () => {
    const api = new FakeApi().on(`GET ${PODS}/web`, withLastApplied(pod('web')));
    expect((await kubectl(api, 'apply -f - --dry-run=client', withStdin(yaml('web', 'n3')))).stdout).toBe('pod/web configured (dry run)\n');
    expect(api.sent('PATCH')).toEqual([]);
  });
});

describe('kubectl diff', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-kubectl-state-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function diff(api: FakeApi, text: string, status: number, env: Record<string, string> = {}) {
    const io = withStdin(text);
    Object.assign(io.env, { TMPDIR: folder, ...env });
    const seen: { words: readonly string[]; live: string[]; merged: string[] }[] = [];
    io.program = (words) => {
      const [live, merged] = words.slice(-2).map((path) => readdirSync(path).map((name) => readFileSync(join(path, name), 'utf8'))) as [string[], string[]];
      seen.push({ words, live, merged });
      return status;
    };
    return { ...(await kubectl(api, 'diff -f -', io)), seen: seen[0], left: readdirSync(folder) };
  }

  it('hands what is and what would be to diff, and its status on', async () => {
    const merged = pod('web', { spec: { nodeName: 'n2' } });
    const api = new FakeApi().on(`GET ${PODS}/web`, pod('web', { spec: { nodeName: 'n1' } })).on(`PATCH ${PODS}/web`, merged);
    const { exitCode, seen, left } = await diff(api, yaml('web', 'n2'), 1);
    expect(exitCode).toBe(1);
    expect(seen?.words.slice(0, 3)).toEqual(['diff', '-u', '-N']);
    expect(seen?.live[0]).toContain('nodeName: n1');
    expect(seen?.merged[0]).toContain('nodeName: n2');
    expect(api.sent('PATCH')[0]?.query).toMatchObject({ dryRun: 'All' });
    expect(left).toEqual([]);
  });

  it('takes the program and plain flags of KUBECTL_EXTERNAL_DIFF', async () => {
    const api = new FakeApi().on(`POST ${PODS}`, echo);
    const { exitCode, seen } = await diff(api, yaml('web'), 0, { KUBECTL_EXTERNAL_DIFF: 'mydiff -x --y=1 $(z)' });
    expect(exitCode).toBe(0);
    expect(seen?.words.slice(0, -2)).toEqual(['mydiff', '-x', '--y=1']);
    expect(seen?.live).toEqual([]);
  });

  it('shows no secret', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, data: { a: 'c2VjcmV0', b: 'c2FtZQ==' } };
    const after = { ...secret, data: { a: 'b3RoZXI=', b: 'c2FtZQ==' } };
    const api = new FakeApi()
      .on('GET /api/v1', { groupVersion: 'v1', resources: [{ name: 'secrets', kind: 'Secret', namespaced: true }] })
      .on('GET /api/v1/namespaces/default/secrets/s', secret)
      .on('PATCH /api/v1/namespaces/default/secrets/s', after);
    const { seen } = await diff(api, JSON.stringify(after), 1);
    expect(seen?.live[0]).toMatch(/a: .\*{3} \(before\).\n {2}b: .\*{3}.\n/);
    expect(seen?.merged[0]).toMatch(/a: .\*{3} \(after\).\n {2}b: .\*{3}.\n/);
    expect(JSON.stringify(seen)).not.toMatch(/c2VjcmV0|b3RoZXI=|c2FtZQ==/);
  });

  it('ends above 1 when it fails', async () => {
    expect((await diff(new FakeApi(), 'kind: [', 0)).exitCode).toBe(2);
  });

  it('finds no difference in a file without objects', async () => {
    expect((await diff(new FakeApi(), '', 0)).exitCode).toBe(0);
  });
});

describe('kubectl events', () => {
  const event = (name: string, lastTimestamp: string, more: object = {}) => ({
    metadata: { name, namespace: 'default' }, type: 'Normal', reason: 'Started', message: 'Started it\n', involvedObject: { kind: 'Pod', name: 'web' }, firstTimestamp: '2024-01-01T00:00:00Z', lastTimestamp, ...more,
  });
  const api = () => new FakeApi().on('GET /api/v1/namespaces/default/events', {
    kind: 'EventList', items: [event('b', '2024-01-01T00:09:00Z', { count: 3, type: 'Warning' }), event('a', '2024-01-01T00:00:00Z')],
  });

  it('prints the latest last', async () => {
    expect((await kubectl(api(), 'events')).stdout.split('\n')).toEqual([
      'LAST SEEN           TYPE      REASON    OBJECT    MESSAGE',
      '10m                 Normal    Started   Pod/web   Started it',
      '60s (x3 over 10m)   Warning   Started   Pod/web   Started it',
      '',
    ]);
  });

  it('filters by type and object', async () => {
    const server = api();
    expect((await kubectl(server, 'events --types=warning --for pod/web -o name')).stdout).toBe('event/b\n');
    expect(server.requests.at(-1)?.query).toMatchObject({ fieldSelector: 'involvedObject.kind=Pod,involvedObject.apiVersion=v1,involvedObject.name=web' });
  });

  it.each([
    ['events --types=Odd', 'error: valid --types are Normal or Warning\n'],
    ['events --for web', 'error: --for must be in resource/name form\n'],
  ])('%s fails with a reason', async (line, stderr) => {
    expect(await kubectl(api(), line)).toEqual({ exitCode: 1, stdout: '', stderr });
  });
});

describe('kubectl explain', () => {
  const gvk = [{ group: '', version: 'v1', kind: 'Pod' }];
  const schemas = {
    'io.k8s.Pod': {
      type: 'object', description: 'Runs.', 'x-kubernetes-group-version-kind': gvk,
      properties: { spec: { description: 'What.', allOf: [{ $ref: '#/components/schemas/io.k8s.PodSpec' }] }, kind: { type: 'string', description: 'Kind.' } },
    },
    'io.k8s.PodSpec': {
      type: 'object', description: 'Spec.', required: ['name'],
      properties: { name: { type: 'string', description: 'x'.repeat(70) + ' and more' }, next: { items: { $ref: '#/components/schemas/io.k8s.PodSpec' }, type: 'array' }, policy: { type: 'string', enum: ['A', ''] } },
    },
  };
  const api = () => new FakeApi().on('GET /openapi/v3', { paths: { 'api/v1': { serverRelativeURL: '/openapi/v3/api/v1?hash=1' } } }).on('GET /openapi/v3/api/v1', { components: { schemas } });

  it('shows a resource', async () => {
    expect((await kubectl(api(), 'explain pods')).stdout).toBe(
      'KIND:       Pod\nVERSION:    v1\n\nDESCRIPTION:\n    Runs.\n    \nFIELDS:\n  kind\t<string>\n    Kind.\n\n  spec\t<PodSpec>\n    What.\n\n\n',
    );
  });

  it('shows a field with those below it, in lines of 80', async () => {
    const { stdout } = await kubectl(api(), 'explain po.spec');
    expect(stdout).toContain('FIELD: spec <PodSpec>\n\n\nDESCRIPTION:\n    What.\n    Spec.\n    \nFIELDS:\n  name\t<string> -required-\n');
    expect(stdout).toContain('  next\t<[]PodSpec>\n    <no description>\n\n  policy\t<string>\n  enum: A, ""\n');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('says of which resource a field does not exist', async () => {
    expect(await kubectl(api(), 'explain pod.nope')).toEqual({ exitCode: 1, stdout: 'KIND:       Pod\nVERSION:    v1\n\n', stderr: 'error: field "nope" does not exist\n' });
  });

  it('opens a type inside itself once with --recursive', async () => {
    expect((await kubectl(api(), 'explain pod --recursive')).stdout).toContain('  kind\t<string>\n  spec\t<PodSpec>\n    name\t<string> -required-\n    next\t<[]PodSpec>\n    policy\t<string>\n    enum: A, ""\n\n');
  });

  it.each([
    ['explain gizmo', 'error: the server doesn\'t have a resource type "gizmo"\n'],
    ['explain', 'error: You must specify the type of resource to explain.'],
    ['explain lease', 'error: couldn\'t find resource for "coordination.k8s.io/v1, Resource=leases"\n'],
  ])('%s fails with a reason', async (line, stderr) => {
    expect((await kubectl(api(), line)).stderr).toContain(stderr);
  });
});
