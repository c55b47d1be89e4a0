import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { isRunning, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';
import { KubectlTerminal } from '../harness/kubectl-terminal.ts';
import { KubectlUser } from '../harness/upstream-kubectl.ts';

const world = e2eWorld('kubectl-streams');
const binary = join(import.meta.dirname, '../../bin/kubectl');
const user = new KubectlUser(binary, world.cluster.kubeconfigPath);
const image = 'podling.local/toolbox:1';
const MiB = 1024 * 1024;

let webId: string;

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

beforeAll(async () => {
  await openNamespace(world);
  user.inNamespace(world.namespace);
  const ports = [{ name: 'http', containerPort: 8080 }];
  await applyPod(world, toolboxPod('web', 'mkdir /www; head -c 3000000 /dev/urandom > /www/big; exec httpd -f -p 8080 -h /www', { container: { ports }, labels: { app: 'web' } }));
  await applyPod(world, toolboxPod('cat', 'while read line; do echo "heard $line"; done; exec sleep 1000', { container: { stdin: true, stdinOnce: true } }));
  const [web] = await Promise.all(['web', 'cat'].map((name) => podUntil(world, name, 'Running', isRunning)));
  webId = web?.status?.containerStatuses?.[0]?.containerID?.replace(/^containerd:\/\//, '') ?? 'none';
});

afterAll(async () => {
  user.leave();
  await closeNamespace(world);
});

describe('our kubectl exec', () => {
  it('hands on streams to their ends, and the exit code', async () => {
    const input = randomBytes(2 * MiB).toString('base64');
    expect(await user.pipe(input, 'exec', '-i', 'web', '--', 'sha256sum')).toBe(`${sha256(Buffer.from(input))}  -`);
    expect(await user.run(['exec', 'web', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
      exitCode: 7, stdout: 'out', stderr: 'err\ncommand terminated with exit code 7',
    });
  });

  it('that dies leaves neither its command nor anything of the node', async () => {
    const dying = user.start(['exec', 'web', '--', 'sh', '-c', 'echo up; exec sleep 7777']);
    await once(dying.stdout, 'data');
    const executed = (): string[] => world.cluster.nodes.flatMap(({ paths }) => readdirSync(join(paths.runtimeState, 'execs'))).filter((name) => name.startsWith(webId));
    expect(executed()).toHaveLength(1);
    dying.kill('SIGKILL');
    await waitUntil('the session to be over', () => executed().length === 0, { timeoutMs: 30_000 });
    expect(await user.say('exec', 'web', '--', 'ps')).not.toContain('sleep 7777');
  });

  it('says why nothing runs', async () => {
    const { exitCode, stderr } = await user.run(['exec', 'web', '--', 'no-such-program']);
    expect(exitCode).toBe(127);
    expect(stderr).toMatch(/"no-such-program": executable file not found in \$PATH/);
    expect(await user.fail('exec', 'web', '-c', 'other', '--', 'ls')).toBe('error: container other is not valid for pod web out of: main');
  });
});

/** A shell at a terminal, in which kubectl runs: says how it ended, and whether the terminal is as it was. */
const session = (): KubectlTerminal => {
  const kubectl = `${binary} -n ${world.namespace} exec -it web -- sh`;
  const script = `before=$(stty -g); sh -c 'echo pid=$$; exec ${kubectl}'; echo "rc=$?"; if [ "$(stty -g)" = "$before" ]; then echo restored; fi`;
  return new KubectlTerminal(new KubectlUser('/bin/sh', world.cluster.kubeconfigPath), ['-c', script], { rows: 33, columns: 77 });
};

describe('a terminal', () => {
  it('is the container\'s: its size, new sizes, Ctrl-C, every byte; and is given back', async () => {
    const terminal = session();
    try {
      await terminal.shows(/\/ # /);
      terminal.type('stty size\n');
      await terminal.shows(/\n33 77\r\n/);
      await terminal.resize(40, 100);
      terminal.type('until [ "$(stty size)" = "40 100" ]; do sleep 0.1; done; echo gro""wn\n');
      await terminal.shows(/\ngrown\r\n/);
      // Once it says so, the shell has given the terminal to it, and Ctrl-C is its own.
      terminal.type('sh -c "echo run""ning; exec sleep 1000"\n');
      await terminal.shows(/\nrunning\r\n/);
      terminal.type('\u0003');
      await terminal.shows(/\^C/);
      terminal.type('echo "was $?"\n');
      await terminal.shows(/\nwas 130\r\n/);
      terminal.type('stty -opost; echo one; echo two; stty opost\n');
      await terminal.shows(/\none\ntwo\n/);
      terminal.type('exit 4\n');
      await terminal.shows(/rc=4\r\nrestored\r\n/);
    } finally {
      terminal.kill();
    }
  });

  it('is given back by a kubectl that is told to end', async () => {
    const terminal = session();
    try {
      await terminal.shows(/\/ # /);
      process.kill(Number(/pid=(\d+)/.exec(terminal.screen)?.[1]), 'SIGTERM');
      await terminal.shows(/rc=143\r\nrestored\r\n/);
    } finally {
      terminal.kill();
    }
  });
});

describe('our kubectl attach', () => {
  it('speaks with a container\'s own process', async () => {
    const attached = user.start(['attach', '-i', '-q', 'cat'], { input: 'me\nyou\n' });
    let heard = '';
    attached.stdout.on('data', (text) => (heard += String(text)));
    await waitUntil('both lines', () => heard === 'heard me\nheard you\n', { timeoutMs: 30_000 });
    attached.kill('SIGINT');
    expect((await attached).exitCode).toBe(130);
  });
});

describe('our kubectl cp', () => {
  it('brings a folder there and back, and a file from where there is none', async () => {
    const tree = join(user.folder, 'tree');
    mkdirSync(join(tree, 'inner/empty'), { recursive: true });
    const content = randomBytes(5 * MiB);
    writeFileSync(join(tree, 'inner/big'), content);
    writeFileSync(join(tree, 'ünder score'), '');
    symlinkSync('inner/big', join(tree, 'link'));
    expect(await user.run(['cp', 'tree', 'web:/tmp'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(await user.say('exec', 'web', '--', 'sh', '-c', 'cd /tmp/tree; readlink link; sha256sum < inner/big')).toBe(`inner/big\n${sha256(content)}  -`);
    const { exitCode, stderr } = await user.run(['cp', '-c', 'main', `${world.namespace}/web:/tmp/tree`, 'back']);
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^warning: skipping symlink: "back\/link" -> "inner\/big" \(consider using "kubectl exec/)]);
    expect(readdirSync(join(user.folder, 'back'), { recursive: true }).map(String).toSorted()).toEqual(['inner', 'inner/big', 'inner/empty', 'ünder score']);
    expect(sha256(readFileSync(join(user.folder, 'back/inner/big')))).toBe(sha256(content));
    expect(await user.run(['cp', 'web:/none', 'none'])).toMatchObject({ exitCode: 1, stderr: 'command terminated with exit code 1' });
  });
});

describe('our kubectl port-forward', () => {
  it('takes a free port for a named one, for any number of connections, until Ctrl-C', async () => {
    const forwarding = user.start(['port-forward', 'pod/web', ':http', '--address', '127.0.0.1']);
    let said = '';
    forwarding.stdout.on('data', (text) => (said += String(text)));
    await waitUntil('a port', () => said.includes('Forwarding from'), { timeoutMs: 30_000 });
    const [, port] = /^Forwarding from 127\.0\.0\.1:(\d+) -> 8080\n/.exec(said) ?? [];
    const bodies = await Promise.all(Array.from({ length: 8 }, async () => Buffer.from(await (await fetch(`http://127.0.0.1:${port}/big`)).arrayBuffer())));
    expect(new Set(bodies.map((body) => `${body.length} ${sha256(body)}`)).size).toBe(1);
    expect(bodies[0]).toHaveLength(3_000_000);
    forwarding.kill('SIGINT');
    expect((await forwarding).exitCode).toBe(0);
  });

  it('ends with what a connection meets, though its own end stays open', async () => {
    const forwarding = user.start(['port-forward', 'web', ':99', '--address', '127.0.0.1']);
    const open = new Set<Socket>();
    forwarding.stdout.on('data', (text) => {
      const port = /127\.0\.0\.1:(\d+) ->/.exec(String(text))?.[1];
      if (port !== undefined) open.add(connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true }).on('error', () => undefined));
    });
    const { exitCode, stderr } = await forwarding;
    for (const socket of open) socket.destroy();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/an error occurred forwarding \d+ -> 99: [^]*connection refused[^]*\nerror: lost connection to pod$/);
  });
});

describe('our kubectl run and debug', () => {
  it('run a pod for one command, and take it away', async () => {
    const { exitCode, stdout } = await user.run(['run', 'once', '-i', '--rm', '-q', '--restart=Never', `--image=${image}`, '--command', '--', 'sh', '-c', 'read line; echo "heard $line"; exit 3'], { input: 'this\n' });
    expect([exitCode, stdout]).toEqual([3, 'heard this']);
    await waitUntil('the pod to go', async () => (await user.run(['get', 'pod', 'once'])).exitCode === 1, { timeoutMs: 30_000 });
  });

  it('look into a pod from a container of their own', async () => {
    const typed = new PassThrough();
    const debugging = user.start(['debug', 'web', '-i', '-c', 'debugger', '--profile=sysadmin', `--image=${image}`, '--target=main', '--', 'sh'], { input: typed });
    let said = '';
    debugging.stdout.on('data', (text) => (said += String(text)));
    typed.write('ls /proc/1/root/www\n');
    await waitUntil('its answer', () => said.includes('big'), { timeoutMs: 30_000 });
    typed.end();
    expect((await debugging).exitCode).toBe(0);
  });
});
