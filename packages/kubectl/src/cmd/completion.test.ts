import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ClientConfig } from '@podling/shared/client';
import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { kubectl, kubectlWords } from '../testing/run.ts';

const launchers = fileURLToPath(new URL('../../../../bin', import.meta.url));

/** The values that may come in place of the last word. */
async function complete(...words: string[]): Promise<string[]> {
  const io = new FakeIo();
  io.env['KUBECONFIG'] = '/nonexistent/kubeconfig';
  const items = [{ metadata: { name: 'web' } }, { metadata: { name: 'db' } }];
  const api = new FakeApi().on('GET /api/v1/namespaces/default/pods', { items }).on('GET /api/v1/namespaces/blue/pods', { items: [] }).on('GET /api/v1/namespaces', { items: [{ metadata: { name: 'blue' } }] });
  api.on('GET /api/v1/namespaces/default/pods/web', { spec: { initContainers: [{ name: 'seed' }], containers: [{ name: 'main' }, { name: 'side' }], ephemeralContainers: [{ name: 'look' }] } });
  api.on('GET /api/v1/nodes', { items: [{ metadata: { name: 'node-1' } }] });
  await kubectlWords(['-s', api.config.server, '__complete', '--', ...words], io, () => api);
  return io.stdout.split('\n').filter((line) => line !== '').map((line) => line.split('\t')[0] ?? '');
}

describe('completion', () => {
  it.each<[string[], string[]]>([
    [['appl'], ['apply']],
    [['create', 'secret', ''], ['docker-registry', 'generic', 'tls']],
    [['get', 'nod'], ['nodes']],
    [['get', 'pods', 'w'], ['web']],
    [['get', 'pod/'], ['pod/web', 'pod/db']],
    [['get', '-n', 'blue', 'pods', ''], []],
    [['logs', 'd'], ['db']],
    [['get', 'pods', '-n', ''], ['blue']],
    [['get', '--show-l'], ['--show-labels']],
    [['get', '--output=cu'], ['--output=custom-columns', '--output=custom-columns-file']],
    [['get', '-o', 'ya'], ['yaml']],
    [['apply', '--dry-run=s'], ['--dry-run=server']],
    [['logs', 'web', '-c', ''], ['seed', 'main', 'side', 'look']],
    [['exec', '-it', 'pod/web', '--container=m'], ['--container=main']],
    [['cp', 'web:/etc/hosts', '.', '-c', 's'], ['seed', 'side']],
    [['debug', 'web', '--target', 'm'], ['main']],
    [['debug', 'web', '-c', ''], []],
    [['exec', '-c', ''], []],
    [['top', 'pods', ''], ['web', 'db']],
    [['top', 'node', ''], ['node-1']],
    [['completion', ''], ['bash', 'fish', 'zsh']],
    [['fly', ''], []],
  ])('of %j is %j', async (words, wanted) => {
    const found = await complete(...words);
    expect(found.length === wanted.length ? found : found.filter((value) => wanted.includes(value))).toEqual(wanted);
  });

  it.each([
    ['get --token t -s=http://other --as jane -o yaml pods', { token: 't', server: 'http://other', impersonate: { user: 'jane' } }],
    ['exec -it --token=t --as jane -n', { token: 't', impersonate: { user: 'jane' } }],
  ])('asks as %j says', async (words, wanted) => {
    let config: ClientConfig | undefined;
    const items = [{ metadata: { name: 'web' } }];
    const api = new FakeApi().on('GET /api/v1/namespaces/default/pods', { items }).on('GET /api/v1/namespaces', { items });
    const io = new FakeIo();
    io.env['KUBECONFIG'] = '/nonexistent/kubeconfig';
    await kubectlWords(['-s', 'http://here', '__complete', '--', ...words.split(' '), ''], io, (asked) => ((config = asked), api));
    expect(config).toMatchObject(wanted);
    expect(io.stdout).toBe('web\n');
  });

  it('is silent when the server does not answer', async () => {
    const io = new FakeIo();
    expect(await kubectlWords(['-s', 'http://127.0.0.1:1', '__complete', '--', 'get', ''], io)).toBe(1);
    expect(io.stdout + io.stderr).toBe('');
  });

  it('is in no list of commands', async () => {
    expect((await kubectl(new FakeApi(), '--help')).stdout).not.toContain('__complete');
  });

  it('gives bash a script that it reads', async () => {
    const { stdout } = await kubectl(new FakeApi(), 'completion bash');
    const answer = 'kubectl() { printf "get\\tDisplay\\nget-x\\n"; }; COMP_LINE="kubectl ge"; COMP_POINT=10; __kubectl_complete; echo "${COMPREPLY[@]}"';
    expect(execFileSync('bash', ['-euc', `${stdout}\n${answer}`], { encoding: 'utf8' })).toBe('get get-x\n');
  });

  it('completes what is typed in a bash at a terminal', async () => {
    const home = await mkdtemp(join(tmpdir(), 'podling-bash-'));
    const env = { PATH: `${launchers}:${process.env['PATH']}`, HOME: home, TERM: 'dumb', KUBECONFIG: '' };
    try {
      const shell = spawn('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], { cwd: home, env });
      shell.stdin.write('source <(kubectl completion bash)\nkubectl comple\tba\t | head -1\nexit\n');
      expect(await text(shell.stdout)).toMatch(/kubectl completion bash +\| head -1\r\n# bash completion for kubectl\r\n/);
    } finally {
      await rm(home, { recursive: true });
    }
  });

  it.each(['zsh', 'fish'])('gives %s a script', async (shell) => {
    expect((await kubectl(new FakeApi(), `completion ${shell}`)).stdout).toContain('__complete -- ');
  });

  it.each([
    ['completion', 'error: Shell not specified.'],
    ['completion dash', 'error: Unsupported shell type "dash": there are bash, fish, zsh.'],
  ])('%s fails with a reason', async (line, message) => {
    expect(await kubectl(new FakeApi(), line)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(message) });
  });
});
