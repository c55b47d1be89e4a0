import { newBadRequest } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { kubectl } from '../testing/run.ts';

const PODS = '/api/v1/namespaces/default/pods';
const pod = (name: string, ...containers: string[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', annotations: {} },
  spec: { containers: containers.map((container) => ({ name: container, image: 'x' })) },
});

function api(...containers: string[]): FakeApi {
  return new FakeApi()
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

  it('passes bytes to a file untouched, and lines to a terminal harmlessly', async () => {
    const raw = '\u001b[31mred\u001b[0m\u001b[2J no line end';
    const server = api('a').on(`GET ${PODS}/web/log`, [raw]);
    expect((await kubectl(server, 'logs web')).stdout).toBe(raw);
    const io = new FakeIo();
    io.terminal = { columns: 80 };
    expect((await kubectl(server, 'logs web', io)).stdout).toBe('\u001b[31mred\u001b[0m^[[2J no line end\n');
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
    ['logs nope', 'pods "nope" not found'],
    ['logs node/n', 'only pods have logs'],
    ['logs web -c x', 'container x is not valid for pod web out of: a, b'],
    ['logs web --tail=few', 'invalid argument "few" for "--tail"'],
    ['logs web --tail -5', 'error: --tail must be greater than or equal to -1\n'],
    ['logs web --limit-bytes=-1', 'error: --limit-bytes must be greater than 0\n'],
    ['logs web --limit-bytes=few', 'invalid argument "few" for "--limit-bytes"'],
    ['logs web --since=yesterday', 'invalid argument "yesterday" for "--since"'],
    ['logs web -l app=x', 'only a selector (-l) or a POD name is allowed'],
  ])('%s fails with a reason', async (line, message) => {
    const { exitCode, stderr } = await kubectl(api('a', 'b'), line);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });
});
