import type { ClientConfig, RequestOptions } from '@podling/shared/client';
import type { Status } from '@podling/shared/api';
import { ApiStatusError } from '@podling/shared/errors';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runKubectl } from './cli.ts';
import { FakeApi } from './testing/fake-api.ts';
import { FakeIo } from './testing/fake-io.ts';
import { kubectl } from './testing/run.ts';

async function run(words: string[], env: Record<string, string> = {}) {
  const io = new FakeIo();
  Object.assign(io.env, env);
  const exitCode = await runKubectl(words, io);
  return { exitCode, stdout: io.stdout, stderr: io.stderr };
}

/** What follows when nothing follows: a wait until the stream is ended from outside. */
async function silence({ signal }: RequestOptions): Promise<never> {
  signal?.throwIfAborted();
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
}

describe('kubectl', () => {
  it('prints its verbs when nothing is asked', async () => {
    const { exitCode, stdout } = await run([]);
    expect(exitCode).toBe(0);
    for (const verb of ['apply', 'create', 'get', 'describe', 'delete', 'logs', 'version', 'api-resources']) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
  });

  it('explains a verb', async () => {
    const { exitCode, stdout } = await run(['get', '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--field-selector');
  });

  it.each([['top'], ['-s', 'http://127.0.0.1:1', 'top'], ['top', '-n', 'x']])('shows what is below a command that does nothing itself: %j', async (...words) => {
    const { exitCode, stdout, stderr } = await run(words);
    expect([exitCode, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^Usage: kubectl top .*\n {2}pod/s)]);
  });

  it('names the flags of every command', async () => {
    expect(await run(['options'])).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^The following options .*:\n\n {2}--kubeconfig .*--as-group/s), stderr: '' });
  });

  it('keeps what the server has in --cache-dir', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'podling-kubectl-'));
    try {
      await kubectl(new FakeApi(), `get pods --cache-dir=${folder}`);
      expect(readdirSync(folder, { recursive: true })).toContain('discovery/127.0.0.1_8080/v1/serverresources.json');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('lists what the server has in JSON', async () => {
    const { stdout } = await kubectl(new FakeApi(), 'api-resources -o json --api-group=coordination.k8s.io');
    expect(JSON.parse(stdout)).toEqual({ apiVersion: 'v1', kind: 'APIResourceList', groupVersion: '', resources: [
      expect.objectContaining({ name: 'leases', singularName: 'lease', group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', namespaced: true }),
    ] });
  });

  it.each([[['-n', 'x']], [['--', 'version']]])('lists its commands where only %j is said', async (words) => {
    expect(await run(words)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('  apply '), stderr: '' });
  });

  it.each([
    [['flying'], 'error: unknown command "flying" for "kubectl"\n'],
    [['ge', 'pods'], 'error: unknown command "ge" for "kubectl"\n\nDid you mean this?\n\tget\n\tcp\n'],
    [['port-forward', 'a', '-5'], 'error: unknown shorthand flag: \'5\' in -5\nSee \'kubectl port-forward --help\' for usage.\n'],
    [['get', 'pods', '-w=maybe'], 'error: invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax\nSee \'kubectl get --help\' for usage.\n'],
    [['get', 'pods', '-v', 'high'], 'error: invalid argument "high" for "-v, --v" flag: strconv.ParseInt: parsing "high": invalid syntax\nSee \'kubectl get --help\' for usage.\n'],
    [['wait', 'pods', '--timeout', '30'], 'error: invalid argument "30" for "--timeout" flag: time: missing unit in duration "30"\nSee \'kubectl wait --help\' for usage.\n'],
    [['delete', 'pods', '--timeout=long'], 'error: invalid argument "long" for "--timeout" flag: time: invalid duration "long"\nSee \'kubectl delete --help\' for usage.\n'],
    [['apply', '-k', 'base'], 'error: kustomize is not built in: build the folder with a kustomize of its own and hand it over: kustomize build base | kubectl … -f -\n'],
    [['create', 'deployment', 'd', '--image=x'], "error: unknown command \"deployment\"\nSee 'kubectl create -h' for help and examples\n"],
    [['config', '--', 'view'], "error: unknown command \"view\"\nSee 'kubectl config -h' for help and examples\n"],
    [['create', 'service', '--', 'clusterip', 'x'], "error: unknown command \"clusterip\"\nSee 'kubectl create service -h' for help and examples\n"],
    [['api-versions', 'x'], "error: Unexpected args: [x]\nSee 'kubectl api-versions -h' for help and examples\n"],
    [['get', 'pods', '-Z'], "error: unknown shorthand flag: 'Z' in -Z\nSee 'kubectl get --help' for usage.\n"],
    [['get', 'pods', '--nope'], "error: unknown flag: --nope\nSee 'kubectl get --help' for usage.\n"],
    [['get', 'pods', '-o'], "error: flag needs an argument: 'o' in -o\nSee 'kubectl get --help' for usage.\n"],
  ])('refuses %j', async (words, stderr) => {
    expect(await run(words)).toEqual({ exitCode: 1, stdout: '', stderr });
  });

  it('[D5] says what to do when there is no kubeconfig', async () => {
    const { exitCode, stderr } = await run(['get', 'pods'], { HOME: '/nonexistent' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: no kubeconfig found: .*does not exist; set \$KUBECONFIG or pass --kubeconfig\n$/);
  });

  it('[D5] says so when nobody listens', async () => {
    const { exitCode, stderr } = await run(['get', 'pods', '-s', 'http://127.0.0.1:1'], { HOME: '/nonexistent' });
    expect(exitCode).toBe(1);
    expect(stderr).toBe('The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n');
  });

  it('takes global flags before and after the verb', async () => {
    const api = new FakeApi().on('GET /api/v1/namespaces/blue/pods', { kind: 'Table', columnDefinitions: [], rows: [] });
    expect((await kubectl(api, '-n blue get pods')).stderr).toBe('No resources found in blue namespace.\n');
    expect((await kubectl(api, 'get pods --namespace=blue')).stderr).toBe('No resources found in blue namespace.\n');
  });

  it.each(['get pods --namespace=', 'get pods/web --namespace=', '--namespace= logs web', 'cp /web:/x y'])('%s is about the namespace of the context', async (line) => {
    const api = new FakeApi();
    await kubectl(api, line);
    expect(api.requests.at(-1)?.path).toMatch('/namespaces/default/pods');
  });

  it.each([
    ['annotate pod web --list', 'evil=^[[2J\n'],
    ['get pod web -o jsonpath={.metadata.annotations.evil}', '^[[2J'],
    ['get --raw /api/v1/namespaces/default/pods/web/log', 'Hello^[[2J\n'],
  ])('lets nothing of %s take over a terminal, and all of it through a pipe', async (line, shown) => {
    const api = new FakeApi()
      .on('GET /api/v1/namespaces/default/pods/web', { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web', annotations: { evil: '\u001b[2J' } } })
      .on('GET /api/v1/namespaces/default/pods/web/log', ['Hello\u001b[2J\n']);
    const io = new FakeIo();
    io.terminal = { columns: 80 };
    expect((await kubectl(api, line, io)).stdout).toBe(shown);
    expect((await kubectl(api, line)).stdout).toBe(shown.replace('^[', '\u001b'));
  });

  it('lets nothing that goes wrong take over a terminal', async () => {
    const api = new FakeApi().on('GET /api/v1/namespaces/default/pods/web', new ApiStatusError({ status: 'Failure', reason: 'NotFound', code: 404, message: 'a \u001b[2J b' } as Status));
    expect((await kubectl(api, 'get pod web')).stderr).toBe('Error from server (NotFound): a ^[[2J b\n');
  });

  it('fails with --warnings-as-errors when the server has warned', async () => {
    const io = new FakeIo();
    const words = ['-s', 'http://h', 'get', '--raw', '/x'];
    const connect = (config: ClientConfig) => new FakeApi().on('GET /x', () => {
      config.onWarning?.('old');
      return ['done'];
    });
    io.env['KUBECONFIG'] = '/nonexistent/kubeconfig';
    expect(await runKubectl(words, io, connect)).toBe(0);
    expect(await runKubectl([...words, '--warnings-as-errors'], io, connect)).toBe(1);
    expect(io.stderr).toBe('Warning: old\nWarning: old\nerror: 1 warning received\n');
  });

  it('limits each request by --request-timeout', async () => {
    const api = new FakeApi();
    await kubectl(api, 'get pods --request-timeout=1m30s');
    expect(api.requests[0]?.timeoutMs).toBe(90_000);
    expect(await kubectl(api, 'get pods --request-timeout=soon')).toMatchObject({ exitCode: 1 });
  });

  it('ends a watch by --request-timeout', async () => {
    const path = '/api/v1/namespaces/default/pods';
    const event = { type: 'ADDED', object: { kind: 'Pod', metadata: { name: 'web' } } };
    const api = new FakeApi().on(`GET ${path}`, { kind: 'PodList', metadata: {}, items: [] }).on(`WATCH ${path}`, async function* (options: RequestOptions) {
      yield event;
      await silence(options);
    });
    expect(await kubectl(api, 'get pods -w -o name --request-timeout=10ms')).toEqual({ exitCode: 0, stdout: 'pod/web\n', stderr: '' });
  });

  it('ends a followed log by --request-timeout, as an error', async () => {
    const path = '/api/v1/namespaces/default/pods/web';
    const pod = { metadata: { name: 'web', namespace: 'default' }, spec: { containers: [{ name: 'a' }] } };
    const api = new FakeApi().on(`GET ${path}`, pod).on(`GET ${path}/log`, async function* (options: RequestOptions) {
      yield 'line\n';
      await silence(options);
    });
    const stderr = 'error: context deadline exceeded: --request-timeout of 10 ms is over\n';
    expect(await kubectl(api, 'logs web -f --request-timeout=10ms')).toEqual({ exitCode: 1, stdout: 'line\n', stderr });
  });

  it('shows requests under -v 6', async () => {
    expect((await kubectl(new FakeApi(), 'get pods -v 6')).stderr).toContain('GET /api/v1 {} in 0 milliseconds');
  });
});

describe('kubectl version', () => {
  const api = () => new FakeApi().on('GET /version', { gitVersion: 'v1.36.0', major: '1' });

  it('prints both versions', async () => {
    expect((await kubectl(api(), 'version')).stdout).toMatch(/^Client Version: v\d+\.\d+\.\d+\nServer Version: v1\.36\.0\n$/);
  });

  it('asks nobody with --client', async () => {
    const server = new FakeApi();
    expect((await kubectl(server, 'version --client')).stdout).toMatch(/^Client Version: v\d+\.\d+\.\d+\n$/);
    expect(server.requests).toEqual([]);
  });

  it('still prints its own when the server does not answer', async () => {
    expect(await kubectl(new FakeApi(), 'version')).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^Client Version/) });
  });

  it('prints documents', async () => {
    expect(JSON.parse((await kubectl(api(), 'version -o json')).stdout)).toMatchObject({ serverVersion: { gitVersion: 'v1.36.0' } });
    expect(await kubectl(api(), 'version -o wide')).toMatchObject({ exitCode: 1, stderr: "error: --output must be 'yaml' or 'json'\n" });
  });
});

describe('kubectl api-resources', () => {
  it('lists what discovery has, without subresources', async () => {
    const { stdout } = await kubectl(new FakeApi(), 'api-resources');
    const rows = stdout.trimEnd().split('\n').map((line) => line.split(/ {2,}/));
    expect(rows[0]).toEqual(['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND']);
    expect(rows).toContainEqual(['pods', 'po', 'v1', 'true', 'Pod']);
    expect(stdout).toMatch(/^leases +coordination\.k8s\.io\/v1 +true +Lease$/m);
    expect(stdout).not.toContain('pods/log');
  });
});
