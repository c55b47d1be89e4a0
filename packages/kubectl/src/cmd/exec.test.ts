import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { fakeProcess } from '../testing/fake-process.ts';
import type { FakeProcess } from '../testing/fake-process.ts';
import { kubectl } from '../testing/run.ts';

const PODS = '/api/v1/namespaces/default/pods';
const pod = (name: string, more: object = {}, containers = [{ name: 'web' }]) => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { containers }, status: { phase: 'Running' }, ...more,
});
const running = (serve: (process: FakeProcess) => void, object: object = pod('web')) =>
  new FakeApi().on(`GET ${PODS}/web`, object).on(`CONNECT ${PODS}/web/exec`, fakeProcess(serve));
const exits = (code: number) => (process: FakeProcess): void => process.exit(code);

/** Standard input is a terminal; what it went through. */
function terminalIo() {
  const io = new FakeIo();
  const seen: string[] = [];
  let resized = (): void => undefined;
  let size = { width: 80, height: 24 };
  io.typedAt = {
    size: () => size,
    onResize: (listener) => {
      resized = listener;
      return () => seen.push('not listened to');
    },
    raw: () => {
      seen.push('raw');
      return () => seen.push('restored');
    },
  };
  return { io, seen, resize: (width: number, height: number): void => (size = { width, height }, resized()) };
}

describe('kubectl exec', () => {
  it('hands on both outputs and the exit code', async () => {
    const api = running((process) => {
      process.print('out\n');
      process.print('err\n', 2);
      process.exit(3);
    });
    expect(await kubectl(api, 'exec web -- sh -c x')).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\ncommand terminated with exit code 3\n' });
    expect(api.requests.at(-1)?.query).toMatchObject({ command: ['sh', '-c', 'x'], container: 'web', stdin: undefined, tty: undefined });
  });

  it('runs in the pod that a file names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'podling-exec-'));
    const file = join(folder, 'web.yaml');
    try {
      await writeFile(file, 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n');
      const api = running(exits(0));
      expect(await kubectl(api, `exec -f ${file} -- true`)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
      expect(api.requests.at(-1)?.query).toMatchObject({ command: ['true'] });
      const { stderr } = await kubectl(api, `exec -f ${file} web -- true`);
      expect(stderr).toBe('error: when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well\n');
      expect((await kubectl(api, `exec -f ${file} true`)).stderr).toContain('exec [POD] [COMMAND] is not supported anymore');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('hands standard input on to its end', async () => {
    const io = new FakeIo();
    const api = running((process) => void process.inputEnded.then(() => {
      process.print(process.input.toUpperCase());
      process.exit(0);
    }));
    io.streams.stdin.end('typed');
    expect(await kubectl(api, 'exec -i web -- cat', io)).toEqual({ exitCode: 0, stdout: 'TYPED', stderr: '' });
  });

  it('gives the process the terminal, its sizes, and gives it back', async () => {
    const { io, seen, resize } = terminalIo();
    const api = running((process) => {
      queueMicrotask(async () => {
        while (process.sizes.length === 0) await new Promise((resolve) => setImmediate(resolve));
        resize(100, 30);
        while (process.sizes.length < 2) await new Promise((resolve) => setImmediate(resolve));
        process.print(process.sizes.join());
        process.exit(1);
      });
    });
    const { exitCode, stdout } = await kubectl(api, 'exec -it web -- sh', io);
    expect([exitCode, stdout]).toEqual([1, '{"Width":80,"Height":24},{"Width":100,"Height":30}']);
    expect(seen).toEqual(['raw', 'not listened to', 'restored']);
    expect(api.requests.at(-1)?.query).toMatchObject({ tty: true, stdin: true, stderr: undefined });
  });

  it('gives the terminal back when the connection breaks', async () => {
    const { io, seen } = terminalIo();
    expect(await kubectl(running((process) => process.vanish()), 'exec -it web -- sh', io)).toMatchObject({
      exitCode: 1, stderr: 'error: error reading from error stream: the connection was closed before the end was told\n',
    });
    expect(seen.at(-1)).toBe('restored');
  });

  it('goes without a terminal where there is none', async () => {
    const { stderr } = await kubectl(running(exits(0)), 'exec -it web -- sh');
    expect(stderr).toBe('Unable to use a TTY - input is not a terminal or the right kind of file\n');
  });

  it('chooses the container, and says so when there are others', async () => {
    const two = pod('web', {}, [{ name: 'web' }, { name: 'log' }]);
    expect((await kubectl(running(exits(0), two), 'exec web -- ls')).stderr).toBe('Defaulted container "web" out of: web, log\n');
    expect((await kubectl(running(exits(0), two), 'exec -q web -- ls')).stderr).toBe('');
    const annotated = { ...two, metadata: { ...two.metadata, annotations: { 'kubectl.kubernetes.io/default-container': 'log' } } };
    const api = running(exits(0), annotated);
    expect((await kubectl(api, 'exec web -- ls')).stderr).toBe('');
    expect(api.requests.at(-1)?.query).toMatchObject({ container: 'log' });
  });

  it('takes the most active pod that a service selects', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'front' }, spec: { selector: { app: 'web' } } };
    const pending = pod('pending', { status: { phase: 'Pending' } });
    const api = running(exits(0))
      .on('GET /api/v1', { resources: [{ name: 'services', kind: 'Service', namespaced: true, shortNames: ['svc'] }] })
      .on('GET /api/v1/namespaces/default/services/front', service)
      .on(`GET ${PODS}`, { items: [pending, pod('web')] });
    expect(await kubectl(api, 'exec svc/front -- ls')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(api.requests.find((r) => r.path === PODS)?.query).toEqual({ labelSelector: 'app=web' });
  });

  it.each([
    ['exec web ls', 'error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\n'],
    ['exec -- ls', 'error: pod, type/name or --filename must be specified\n'],
    ['exec web', 'error: you must specify at least one command for the container\n'],
    ['exec web -c db -- ls', 'error: container db is not valid for pod web out of: web\n'],
    ['exec none -- ls', 'Error from server (NotFound): pods "none" not found\n'],
  ])('%s fails with a reason', async (line, message) => {
    const { exitCode, stderr } = await kubectl(running(exits(0)), line);
    expect([exitCode, stderr.startsWith(message)]).toEqual([1, true]);
  });

  it('does not enter a pod that has ended', async () => {
    expect((await kubectl(running(exits(0), pod('web', { status: { phase: 'Failed' } })), 'exec web -- ls')).stderr).toBe(
      'error: cannot exec into a container in a completed pod; current phase is Failed\n',
    );
  });

  it('says what the server says', async () => {
    const api = running((process) => process.fail('Internal error occurred: no such file\u001b[2J'));
    expect((await kubectl(api, 'exec web -- nothing')).stderr).toBe('error: Internal error occurred: no such file^[[2J\n');
  });
});
