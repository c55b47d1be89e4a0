import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { isRunning, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';
import { forwardPort } from '../harness/forward-port.ts';
import { KubectlTerminal } from '../harness/kubectl-terminal.ts';
import { KubectlUser, upstreamKubectls } from '../harness/upstream-kubectl.ts';

const world = e2eWorld('streaming');
const user = new KubectlUser(upstreamKubectls.oldest, world.cluster.kubeconfigPath);
const transports = { websocket: {}, spdy: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false', KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' } };
const each = Object.entries(transports) as [string, Record<string, string>][];

beforeAll(async () => {
  user.inNamespace(world.namespace);
  await openNamespace(world);
  await Promise.all([
    applyPod(world, toolboxPod('web', 'mkdir -p /www; echo page > /www/index.html; exec httpd -f -p 8080 -h /www')),
    applyPod(world, toolboxPod('once', 'echo ready; read name; echo hello $name; exit 4', { container: { stdin: true, stdinOnce: true }, spec: { restartPolicy: 'Never' } })),
  ]);
  await Promise.all(['web', 'once'].map((name) => podUntil(world, name, 'Running', isRunning)));
});
afterAll(async () => {
  user.leave();
  await closeNamespace(world);
});

describe('kubectl exec', () => {
  it.each(each)('by %s gives both outputs, takes stdin and ends with the exit code', async (_name, env) => {
    const said = await user.run(['exec', '-i', 'web', '--', 'sh', '-c', 'cat; echo warning >&2; exit 7'], { input: 'typed\n', env });
    expect(said).toEqual({ exitCode: 7, stdout: 'typed', stderr: 'warning\ncommand terminated with exit code 7' });
  });

  it('[C2] is at home at a terminal: its size, and Ctrl-C', async () => {
    const terminal = new KubectlTerminal(user, ['exec', '-it', 'web', '--', 'sh'], { rows: 30, columns: 100 });
    try {
      await terminal.shows(/\/ # /);
      terminal.type('stty size\n');
      await terminal.shows(/30 100\r/);
      await terminal.resize(40, 120);
      terminal.type('until [ "$(stty size)" = "40 120" ]; do sleep 0.1; done; echo grown\n');
      await terminal.shows(/\ngrown\r/);
      // Once it says so, the shell has given the terminal to it, and Ctrl-C is its own.
      terminal.type('sh -c "echo rea""dy; exec cat"; echo never\n');
      await terminal.shows(/\nready\r/);
      terminal.type('mew\n');
      await terminal.shows(/mew\r\nmew\r/);
      terminal.type('\u0003');
      // What is typed before that may be read by one who dies of the signal.
      await terminal.shows(/\^C[^]*\n\/ # /);
      terminal.type('echo "after $?"\n');
      await terminal.shows(/\nafter 130\r/);
      terminal.type('exit 5\n');
      expect(await terminal.exited()).toBe(5);
    } finally {
      terminal.kill();
    }
  });

  it('says what it cannot do, in Kubernetes\' words', async () => {
    const none = await user.run(['exec', 'web', '--', 'no-such-command']);
    expect(none).toMatchObject({ exitCode: 127, stderr: expect.stringContaining('executable file not found in $PATH') as string });
    expect((await user.run(['exec', 'web', '--', '/etc/passwd'])).exitCode).toBe(126);
    expect(await user.fail('exec', 'web', '-c', 'other', '--', 'true')).toContain('container other is not valid for pod web');
    expect(await user.fail('exec', 'nobody', '--', 'true')).toContain('pods "nobody" not found');
  });
});

describe('kubectl attach', () => {
  it('joins a process at its streams, whose stdin ends with it', async () => {
    const { stdout } = await user.run(['attach', '-i', 'once'], { input: 'world\n' });
    expect(stdout).toContain('hello world');
    const over = await podUntil(world, 'once', 'over', ({ status }) => status?.phase === 'Failed');
    expect(over.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(4);
    expect(await user.fail('exec', 'once', '--', 'true')).toContain('cannot exec into a container in a completed pod');
  });
});

describe('kubectl port-forward', () => {
  it.each(each)('by %s carries connections side by side, and says which port nobody serves', async (_name, env) => {
    const forward = await forwardPort(user, 'pod/web', 8080, env);
    try {
      const pages = await Promise.all(Array.from({ length: 10 }, () => fetch(forward.url).then((answer) => answer.text())));
      expect(new Set(pages)).toEqual(new Set(['page\n']));
    } finally {
      await forward.stop();
    }
    const nowhere = await forwardPort(user, 'pod/web', 81, env);
    await expect(fetch(nowhere.url)).rejects.toThrow();
    await waitUntil('the failure to be told', async () => /error forwarding port 81/.test(nowhere.said()), { timeoutMs: 20_000 });
    await nowhere.stop();
  });
});

describe('kubectl cp', () => {
  it('brings a file there and back', async () => {
    const bytes = Buffer.alloc(3_000_000, createHash('sha512').update('podling').digest());
    writeFileSync(join(user.folder, 'there'), bytes);
    await user.say('cp', 'there', 'web:/tmp/there');
    expect(await user.say('exec', 'web', '--', 'sha256sum', '/tmp/there')).toContain(createHash('sha256').update(bytes).digest('hex'));
    await user.say('cp', 'web:/tmp/there', 'back');
    expect(readFileSync(join(user.folder, 'back')).equals(bytes)).toBe(true);
  });
});

describe('kubectl debug', () => {
  it('looks into a pod from a container of its own', async () => {
    const typed = new PassThrough();
    const debugging = user.start(['debug', 'web', '-i', '--image=podling.local/toolbox:1', '--image-pull-policy=IfNotPresent', '--target=main', '--profile=general', '--', 'sh', '-c', 'read go; ps; exec sleep 1000'], { input: typed });
    let said = '';
    debugging.stdout.on('data', (text) => (said += String(text)));
    typed.write('go\n');
    await waitUntil('its answer', () => said.includes('httpd -f -p 8080'), { timeoutMs: 30_000 });
    // Who has nothing more to say leaves, and the container goes on.
    typed.end();
    expect((await debugging).exitCode).toBe(0);
  });
});
