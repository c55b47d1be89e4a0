import { newBadRequest } from '@podling/shared/api';
import type { Pod } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { Factory } from '../factory.ts';
import { byLogging } from '../resource/active-pods.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { kubectl } from '../testing/run.ts';
import { printLog } from './logs/print-log.ts';
import { logs } from './logs.ts';

const SERVER = 'http://127.0.0.1:8080';
const PODS = '/api/v1/namespaces/default/pods';
const pod = (name: string, ...containers: string[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', annotations: {} },
  spec: { containers: containers.map((container) => ({ name: container, image: 'x' })) },
});

const CORE = [['pods', 'Pod', true], ['services', 'Service', true], ['nodes', 'Node', false]].map(([name, kind, namespaced]) => ({ name, kind, namespaced, verbs: ['get', 'list'] }));

function api(...containers: string[]): FakeApi {
  return new FakeApi()
    .on('GET /api/v1', { groupVersion: 'v1', resources: CORE })
    .on(`GET ${PODS}/web`, pod('web', ...containers))
    .on(`GET ${PODS}/web/log`, ({ query }: { query?: Record<string, unknown> }) => [`from ${String(query?.['container'])}\n`]);
}

const query = (server: FakeApi) => server.requests.at(-1)?.query;

describe('kubectl logs', () => {
  it('prints what the only container wrote', async () => {
    expect(await kubectl(api('a'), 'logs web')).toEqual({ exitCode: 0, stdout: 'from a\n', stderr: '' });
    expect((await kubectl(api('a'), 'logs pod/web')).stdout).toBe('from a\n');
  });

  it('chooses the first of several and says so', async () => {
    expect(await kubectl(api('a', 'b'), 'logs web')).toEqual({ exitCode: 0, stdout: 'from a\n', stderr: 'Defaulted container "a" out of: a, b\n' });
  });

  it('takes the container of the annotation before the first', async () => {
    const chosen = { ...pod('web', 'a', 'b'), metadata: { name: 'web', namespace: 'default', annotations: { 'kubectl.kubernetes.io/default-container': 'b' } } };
    expect((await kubectl(api().on(`GET ${PODS}/web`, chosen), 'logs web')).stdout).toBe('from b\n');
  });

  it('reads the named container, as a flag or a second word', async () => {
    expect((await kubectl(api('a', 'b'), 'logs web -c b')).stdout).toBe('from b\n');
    expect((await kubectl(api('a', 'b'), 'logs web b')).stdout).toBe('from b\n');
  });

  it('reads all containers, with a prefix if wanted', async () => {
    expect((await kubectl(api('a', 'b'), 'logs web --all-containers --prefix')).stdout).toBe('[pod/web/a] from a\n[pod/web/b] from b\n');
  });

  it.each([
    ['logs web -f', { follow: true }],
    ['logs web -p', { previous: true }],
    ['logs web --tail=5', { tailLines: 5 }],
    ['logs web --tail -1', { tailLines: undefined }],
    ['logs web --limit-bytes=10', { limitBytes: 10 }],
    ['logs web --limit-bytes 0', {}],
    ['logs web --since 1m30s', { sinceSeconds: 90 }],
    ['logs web --since=10ms', { sinceSeconds: 1 }],
    ['logs web --since=0', {}],
    ['logs web --since-time=2024-08-30T06:00:00Z', { sinceTime: '2024-08-30T06:00:00Z' }],
    ['logs web --insecure-skip-tls-verify-backend', { insecureSkipTLSVerifyBackend: true }],
    ['logs web --timestamps', { timestamps: true }],
  ])('%s asks for %j', async (line, expected) => {
    const server = api('a');
    await kubectl(server, line);
    expect(query(server)).toEqual({ container: 'a', ...expected });
  });

  it('shows ten lines of each pod of a selection', async () => {
    const server = api('a').on(`GET ${PODS}`, { kind: 'PodList', metadata: {}, items: [pod('web', 'a')] });
    expect((await kubectl(server, 'logs -l app=x')).stdout).toBe('from a\n');
    expect(query(server)).toMatchObject({ tailLines: 10 });
  });

  it('says so when a selection is empty', async () => {
    const server = api().on(`GET ${PODS}`, { kind: 'PodList', metadata: {}, items: [] });
    expect(await kubectl(server, 'logs -l app=x')).toEqual({ exitCode: 0, stdout: '', stderr: 'No resources found in default namespace.\n' });
  });

  it('goes on with the first container when the annotation names none', async () => {
    const lost = { ...pod('web', 'a', 'b'), metadata: { name: 'web', namespace: 'default', annotations: { 'kubectl.kubernetes.io/default-container': 'gone' } } };
    const { stdout, stderr } = await kubectl(api().on(`GET ${PODS}/web`, lost), 'logs web');
    expect([stdout, stderr]).toEqual(['from a\n', 'Default container name "gone" not found in pod web\nDefaulted container "a" out of: a, b\n']);
  });

  it('reads init containers first of all', async () => {
    const own = { ...pod('web', 'a'), spec: { initContainers: [{ name: 'i' }], containers: [{ name: 'a' }], ephemeralContainers: [{ name: 'e' }] } };
    expect((await kubectl(api().on(`GET ${PODS}/web`, own), 'logs web --all-containers')).stdout).toBe('from i\nfrom a\nfrom e\n');
    expect((await kubectl(api().on(`GET ${PODS}/web`, own), 'logs web')).stderr).toBe('Defaulted container "a" out of: a, e (ephem), i (init)\n');
  });

  describe('of what selects pods', () => {
    const selecting = (...items: object[]): FakeApi => {
      const server = api('a').on('GET /api/v1/namespaces/default/services/web', { kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'x' } } }).on(`GET ${PODS}`, { kind: 'PodList', metadata: {}, items });
      for (const name of ['one', 'two']) server.on(`GET ${PODS}/${name}/log`, [`${name}\n`]);
      return server;
    };
    const running = { ...pod('two', 'a', 'b'), status: { phase: 'Running' } };
    const pending = { ...pod('one', 'a', 'b'), status: { phase: 'Pending' } };

    it('reads the pod with most to tell', async () => {
      const server = selecting(pending, running);
      expect(await kubectl(server, 'logs service/web')).toEqual({ exitCode: 0, stdout: 'two\n', stderr: 'Found 2 pods, using pod/two\nDefaulted container "a" out of: a, b\n' });
      expect(server.requests.find(({ path }) => path === PODS)?.query).toEqual({ labelSelector: 'app=x' });
    });

    it('reads all of them when told so, each line with its source', async () => {
      expect(await kubectl(selecting(pending, running), 'logs service/web --all-pods')).toEqual({ exitCode: 0, stdout: '[pod/two/a] two\n[pod/one/a] one\n', stderr: '' });
    });
  });

  it('prefers the running pod, then the one ready for longest, then the one that restarted most', () => {
    const at = (name: string, phase: 'Pending' | 'Running', restartCount: number, ready?: string): Pod => ({
      ...(pod(name, 'a') as Pod), status: { phase, containerStatuses: [{ name: 'a', image: '', imageID: '', ready: true, restartCount }], ...(ready === undefined ? {} : { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ready }] }) },
    });
    const pods = [at('pending', 'Pending', 9), at('calm', 'Running', 1), at('shaky', 'Running', 5), at('young', 'Running', 0, '2026-01-02T00:00:00Z'), at('old', 'Running', 0, '2026-01-01T00:00:00Z')];
    expect(byLogging(pods).map(({ metadata }) => metadata.name)).toEqual(['old', 'young', 'shaky', 'calm', 'pending']);
  });

  it('colours prefixes on a terminal, a source its own, and lines not at all', async () => {
    const io = new FakeIo();
    io.terminal = { columns: 80 };
    io.color = true;
    const server = api('a', 'b').on(`GET ${PODS}/web/log`, ['x\r\u2028y\n\n', 'z']);
    const [first, second] = ['\u001b[36m[pod/web/a]\u001b[39m', '\u001b[32m[pod/web/b]\u001b[39m'];
    expect((await kubectl(server, 'logs web --all-containers --prefix', io)).stdout).toBe([first, second].map((prefix) => `${prefix} x\r\u2028y\n${prefix} \n${prefix} z\n`).join(''));
  });

  it('prints bytes as they are behind a prefix, however they arrive', async () => {
    const io = new FakeIo();
    const seen: Uint8Array[] = [];
    io.out = (chunk) => void seen.push(Buffer.from(chunk));
    const bytes = Buffer.from([0x61, 0xff, 0x0a, 0xc3, 0xa4, 0x62]);
    async function* arriving(): AsyncGenerator<Uint8Array> {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    await printLog(io, arriving(), { prefix: 'p ', shared: false });
    expect(Buffer.concat(seen)).toEqual(Buffer.concat([Buffer.from('p '), bytes.subarray(0, 3), Buffer.from('p '), bytes.subarray(3), Buffer.from('\n')]));
  });

  describe('following', () => {
    const all = (...containers: string[]): FakeApi => new FakeApi().on(`GET ${PODS}/web`, pod('web', ...containers));

    it('mixes whole lines only', async () => {
      const turn = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() };
      async function* speak(name: 'a' | 'b'): AsyncGenerator<string> {
        yield `half of ${name}`;
        turn[name].resolve();
        await Promise.all([turn.a.promise, turn.b.promise]);
        yield `, and the rest\nend`;
      }
      const server = all('a', 'b').on(`GET ${PODS}/web/log`, ({ query: asked }: { query?: Record<string, unknown> }) => speak(asked?.['container'] as 'a' | 'b'));
      const { stdout } = await kubectl(server, 'logs web -f --all-containers');
      expect(stdout.split('\n').toSorted()).toEqual(['', 'end', 'end', 'half of a, and the rest', 'half of b, and the rest']);
    });

    it('is refused past --max-log-requests', async () => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      const { exitCode, stderr } = await kubectl(all(...names), 'logs web -f --all-containers');
      expect([exitCode, stderr]).toEqual([1, 'error: you are attempting to follow 6 log streams, but maximum allowed concurrency is 5, use --max-log-requests to increase the limit\n']);
      const server = all(...names).on(`GET ${PODS}/web/log`, ['x\n']);
      expect((await kubectl(server, 'logs web -f --all-containers --max-log-requests=6')).stdout).toBe('x\n'.repeat(6));
      expect((await kubectl(all(...names).on(`GET ${PODS}/web/log`, ['x\n']), 'logs web --all-containers')).stdout).toBe('x\n'.repeat(6));
    });

    const waiting = newBadRequest('container "a" in pod "web" is waiting to start: ContainerCreating');
    const follow = { maxLogRequests: 5, podRunningTimeout: '3s', follow: true };

    it('waits for a container to start', async () => {
      const answers = [waiting, waiting, ['here\n']];
      const io = new FakeIo();
      const factory = new Factory(io, { server: SERVER }, () => all('a').on(`GET ${PODS}/web/log`, () => answers.shift()));
      const slept: number[] = [];
      expect(await logs(factory, ['web'], follow, async (ms) => void slept.push(ms))).toBe(0);
      expect([io.stdout, io.stderr, slept]).toEqual(['here\n', `${waiting.message}\n`.repeat(2), [1000, 1000]]);
    });

    it('does not wait for ever', async () => {
      const factory = new Factory(new FakeIo(), { server: SERVER }, () => all('a').on(`GET ${PODS}/web/log`, waiting));
      await expect(logs(factory, ['web'], follow, async () => {})).rejects.toThrow('timed out waiting for the condition');
    });
  });

  it('ends at the first failure, or goes on when errors are to be ignored', async () => {
    const failing = (): FakeApi => api('a', 'b').on(`GET ${PODS}/web/log`, ({ query: asked }: { query?: Record<string, unknown> }) => (asked?.['container'] === 'a' ? newBadRequest('no log') : ['from b\n']));
    expect(await kubectl(failing(), 'logs web --all-containers')).toEqual({ exitCode: 1, stdout: '', stderr: 'Error from server (BadRequest): no log\n' });
    for (const line of ['logs web --all-containers --ignore-errors', 'logs web --all-containers --ignore-errors -f']) {
      const { exitCode, stdout } = await kubectl(failing(), line);
      expect([exitCode, stdout.split('\n').toSorted()]).toEqual([0, ['', 'error: no log', 'from b']]);
    }
  });

  it('passes bytes to a file untouched, and lines to a terminal harmlessly', async () => {
    const raw = '\u001b[31mred\u001b[0m\u001b[2J no line end';
    const server = api('a').on(`GET ${PODS}/web/log`, [raw]);
    expect((await kubectl(server, 'logs web')).stdout).toBe(raw);
    const io = new FakeIo();
    io.terminal = { columns: 80 };
    expect((await kubectl(server, 'logs web', io)).stdout).toBe('\u001b[31mred\u001b[0m^[[2J no line end\n');
  });

  it('says that a log broke off', async () => {
    const broken = Object.assign(new Error('http://127.0.0.1:8080: aborted'), { name: 'ConnectionError' });
    expect(await kubectl(api('a').on(`GET ${PODS}/web/log`, ['line\n', broken]), 'logs -f web')).toEqual({ exitCode: 1, stdout: 'line\n', stderr: 'error: unexpected EOF\n' });
  });

  it('explains why there is no log', async () => {
    const waiting = newBadRequest('container "a" in pod "web" is waiting to start: ContainerCreating');
    expect(await kubectl(api('a').on(`GET ${PODS}/web/log`, waiting), 'logs web')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'Error from server (BadRequest): container "a" in pod "web" is waiting to start: ContainerCreating\n',
    });
  });

  it.each([
    ['logs', 'POD or TYPE/NAME is a required argument'],
    ['logs nope', 'error: error from server (NotFound): pods "nope" not found in namespace "default"\n'],
    ['logs node/n', 'cannot get the logs from *v1.Node: selector for *v1.Node not implemented'],
    ['logs service/all', "cannot get the logs from *v1.Service: invalid service 'all': Service is defined without a selector"],
    ['logs a b c', 'POD or TYPE/NAME is a required argument'],
    ['logs web a -c b', 'only one of -c or an inline [CONTAINER] arg is allowed'],
    ['logs web a --all-containers', '--all-containers=true should not be specified with container name a'],
    ['logs web -c x', 'container x is not valid for pod web out of: a, b'],
    ['logs web --tail=few', 'invalid argument "few" for "--tail"'],
    ['logs web --tail -5', 'error: --tail must be greater than or equal to -1\n'],
    ['logs web --limit-bytes=-1', 'error: --limit-bytes must be greater than 0\n'],
    ['logs web --limit-bytes=few', 'invalid argument "few" for "--limit-bytes"'],
    ['logs web --since=-5s', '--since'],
    ['logs web --since-time=today', 'parsing time "today"'],
    ['logs web --since=5s --since-time=2024-08-30T06:00:00Z', 'at most one of `sinceTime` or `sinceSeconds` may be specified'],
    ['logs web --max-log-requests=few', 'invalid argument "few" for "--max-log-requests"'],
    ['logs web --since=yesterday', 'invalid argument "yesterday" for "--since"'],
    ['logs web -l app=x', 'only a selector (-l) or a POD name is allowed'],
  ])('%s fails with a reason', async (line, message) => {
    const server = api('a', 'b').on('GET /api/v1/nodes/n', { kind: 'Node', metadata: { name: 'n' } }).on('GET /api/v1/namespaces/default/services/all', { kind: 'Service', metadata: { name: 'all' }, spec: {} });
    const { exitCode, stderr } = await kubectl(server, line);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });
});
