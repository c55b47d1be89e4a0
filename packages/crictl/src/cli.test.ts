import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { runCrictl } from './cli.ts';
import { Bench } from './testing/bench.ts';
import { TestIo } from './testing/test-io.ts';

async function run(words: string[], env: Record<string, string> = {}) {
  const io = new TestIo();
  Object.assign(io.env, env);
  const exitCode = await runCrictl(words, io);
  return { exitCode, stdout: io.stdout, stderr: io.stderr };
}

const commands = [
  'attach', 'completion', 'config', 'content', 'create', 'events', 'exec', 'image', 'imagefsinfo', 'images', 'info', 'inspect', 'inspecti', 'inspectp', 'logs', 'metrics', 'namespaces', 'pause', 'plugins',
  'pods', 'port-forward', 'ps', 'pull', 'resume', 'rm', 'rmi', 'rmp', 'run', 'runp', 'runtime-config', 'start', 'stats', 'statsp', 'stop', 'stopp', 'tasks', 'update', 'version',
];

describe('crictl', () => {
  it('prints its commands when nothing is asked', async () => {
    const { exitCode, stdout } = await run([]);
    expect(exitCode).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command}[ |]`, 'm'));
  });

  it.each(commands)('explains %s', async (command) => {
    const { exitCode, stdout } = await run([command, '--help']);
    expect([exitCode, stdout.startsWith(`Usage: crictl ${command}`)]).toEqual([0, true]);
    expect(await run(['help', command])).toEqual({ exitCode, stdout, stderr: '' });
  });

  it('refuses what it does not know', async () => {
    expect(await run(['nonsense'])).toEqual({ exitCode: 3, stdout: '', stderr: "No help topic for 'nonsense'\n" });
    expect((await run(['ps', '--nope'])).stderr).toMatch(/^time="[^"]+Z" level=fatal msg="flag provided but not defined: -nope"\n$/);
    expect(await run(['ps', 'web'])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('"ps takes no arguments: web"') as string });
    expect((await run(['namespaces', 'web'])).stderr).toContain('"no such command: web"');
    expect((await run(['pods', '-o'])).stderr).toContain('"flag needs an argument: -output"');
  });

  it.each(['tasks', 'content'])('explains %s where nothing below it is named', async (command) => {
    expect(await run([command])).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/^Usage: .*\n[^]*Commands:\n/) as string });
    expect(await run([command, 'nonsense'])).toMatchObject({ exitCode: 3, stderr: "No help topic for 'nonsense'\n" });
  });

  it('[C3] says where it was sent when nobody is there', async () => {
    expect(await run(['-r', 'unix:///nonexistent/cri.sock', 'ps'])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('there is no such socket: start the container runtime') as string });
    expect((await run(['ps'], { CONTAINER_RUNTIME_ENDPOINT: 'unix:///nonexistent/env.sock' })).stderr).toContain('/nonexistent/env.sock');
    expect((await run(['-r', 'containerd.sock', 'ps'])).stderr).toContain('neither unix:///PATH nor tcp://HOST:PORT');
    expect((await run(['-r', 'native://run/containerd.sock', 'ps'])).stderr).toContain('the path of the socket is not absolute');
    expect((await run(['-c', '/nonexistent/crictl.yaml', 'ps'])).stderr).toContain('load config file: open /nonexistent/crictl.yaml');
  });

  it('[C3] takes the flag before the environment, and that before the file', async () => {
    const { folder, file } = await Bench.open().then(async (bench) => ({ folder: bench.folder, file: await bench.file('crictl.yaml', 'runtime-endpoint: unix:///nonexistent/file.sock\n') }));
    expect(folder).not.toBe('');
    const env = { CRI_CONFIG_FILE: file };
    expect((await run(['ps'], env)).stderr).toContain('/nonexistent/file.sock');
    expect((await run(['ps'], { ...env, CONTAINER_RUNTIME_ENDPOINT: 'unix:///nonexistent/env.sock' })).stderr).toContain('/nonexistent/env.sock');
    expect((await run(['-r', 'unix:///nonexistent/flag.sock', 'ps'], { ...env, CONTAINER_RUNTIME_ENDPOINT: 'unix:///nonexistent/env.sock' })).stderr).toContain('/nonexistent/flag.sock');
  });

  it('refuses a file that is none', async () => {
    const bench = await Bench.open();
    expect((await run(['ps'], { CRI_CONFIG_FILE: await bench.file('crictl.yaml', '- a list\n') })).stderr).toContain('it holds no settings by name');
    expect((await run(['ps'], { CRI_CONFIG_FILE: await bench.file('broken.yaml', 'a: [\n') })).stderr).toContain('load config file: ');
  });
});

describe('crictl config', () => {
  it('keeps comments and what it does not know', async () => {
    const bench = await Bench.open();
    const env = { CRI_CONFIG_FILE: await bench.file('crictl.yaml', '# mine\nroot-dir: /somewhere # here\n') };
    expect(await run(['config', '--set', 'debug=true,timeout=5'], env)).toMatchObject({ exitCode: 0 });
    expect((await run(['config', '--get', 'timeout'], env)).stdout).toBe('5\n');
    expect((await run(['config', 'runtime-endpoint', 'unix:///a=b'], env)).exitCode).toBe(0);
    expect((await run(['config', '--list'], env)).stdout).toMatch(/^KEY +VALUE\nruntime-endpoint +unix:\/\/\/a=b\n/);
    const text = await readFile(env.CRI_CONFIG_FILE, 'utf8');
    expect(text).toMatch(/^# mine\nroot-dir: \/somewhere # here\n/);
    expect(text).toContain('debug: true\n');
  });

  it.each([['nope=1', 'no configuration option named nope'], ['timeout=soon', "parse timeout value 'soon'"], ['debug=perhaps', "parse debug value 'perhaps'"], ['debug', 'incorrectly specified option: debug']])('refuses %s', async (setting, message) => {
    const bench = await Bench.open();
    expect((await run(['config', '--set', setting], { CRI_CONFIG_FILE: await bench.file('crictl.yaml', '') })).stderr).toContain(message);
  });
});

describe('crictl completion', () => {
  it.each(['bash', 'zsh', 'fish'])('gives %s a script', async (shell) => {
    expect((await run(['completion', shell])).stdout).toContain('__complete -- ');
  });

  it('knows no other shell', async () => {
    expect((await run(['completion', 'csh'])).stderr).toContain('only bash, zsh or fish are supported');
    expect((await run([])).stdout).not.toContain('__complete');
  });

  it.each<[string[], string[]]>([
    [[''], commands],
    [['-r', 'ps', 'in'], ['info', 'inspect', 'inspecti', 'inspectp']],
    [['image', 'un'], ['unmount']],
    [['pods', '--no-t'], ['--no-trunc']],
    [['--runtime-e'], ['--runtime-endpoint=']],
    [['pods', '-o', ''], ['json', 'yaml', 'table']],
    [['pods', '--state=n'], ['--state=notready']],
    [['ps', '-s', 'r'], ['running']],
    [['logs', '-s', ''], ['stdout', 'stderr']],
    [['stats', '-s', ''], []],
    [['completion', ''], ['bash', 'fish', 'zsh']],
    [['fly', ''], []],
  ])('of %j is %j', async (words, wanted) => {
    const { exitCode, stdout } = await run(['__complete', '--', ...words]);
    expect([exitCode, stdout.split('\n').filter((line) => line !== '').map((line) => line.split('\t')[0])]).toEqual([0, wanted]);
  });
});
