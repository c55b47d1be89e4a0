import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import type { AttachRequest, ContainerConfig, StreamSession } from '../cri.ts';
import { errorCode, PATIENCE, readLog } from './scene.ts';
import type { Promises } from './promises.ts';
import type { Scene } from './scene.ts';

const MiB = 1024 * 1024;
const outputs = { tty: false, stdin: false, stdout: true, stderr: true };
const all = { ...outputs, stdin: true };
const terminal = { tty: true, stdin: true, stdout: true, stderr: false };

/** Streams in both directions with what runs: exec, attach, port-forward. */
export function streamContract(scene: () => Scene, promises: Promises): void {
  async function open(script: string, request: AttachRequest = outputs, container?: string): Promise<StreamSession> {
    const id = container ?? (await scene().start(await scene().run()));
    return scene().runtime.exec(id, { command: ['sh', '-c', script], ...request });
  }

  describe('exec with streams', () => {
    it('gives the exit code and both outputs apart', async () => {
      const session = await open('echo out; echo err >&2; exit 7');
      expect(await Promise.all([whole(session.stdout), whole(session.stderr), session.exited])).toEqual(['out\n', 'err\n', 7]);
      expect(session.stdin).toBeUndefined();
      await session.close();
    });

    it('feeds stdin to its end', async () => {
      const session = await open('wc -c; exit 3', all);
      session.stdin?.write(Buffer.alloc(300_000, 'x'));
      session.stdin?.end('end');
      expect(await Promise.all([whole(session.stdout), session.exited])).toEqual(['300003\n', 3]);
      const empty = await open('cat; echo read', { ...all, stderr: false });
      empty.stdin?.end();
      expect(await Promise.all([whole(empty.stdout), empty.exited])).toEqual(['read\n', 0]);
      expect(empty.stderr).toBeUndefined();
    });

    promises.it('unreadStdin', 'lets a command go that does not read its stdin', async () => {
      const session = await open('exec <&-; echo closed', all);
      session.stdin?.on('error', () => undefined);
      session.stdin?.write(Buffer.alloc(MiB));
      expect(await Promise.all([whole(session.stdout), session.exited])).toEqual(['closed\n', 0]);
      await session.close();
    });

    it('[C2] has a terminal with a size, and ends by its character', async () => {
      const session = await open('until [ "$(stty size)" = "45 123" ]; do sleep 0.05; done; stty size; cat; exit 5', terminal);
      const said = whole(session.stdout);
      await session.resize({ width: 123, height: 45 });
      session.stdin?.end('typed\n');
      expect(await session.exited).toBe(5);
      expect((await said).split('\r\n').filter((line) => line !== '')).toEqual(expect.arrayContaining(['45 123', 'typed']) as string[]);
      await session.resize({ width: 1, height: 1 });
    });

    it('gives all of a large output', async () => {
      const session = await open('head -c 3000000 /dev/zero | tr "\\0" x; head -c 200000 /dev/zero | tr "\\0" y >&2; exit 9');
      const sizes = Promise.all([whole(session.stdout), whole(session.stderr)]).then((texts) => texts.map(({ length }) => length));
      expect([await sizes, await session.exited]).toEqual([[3_000_000, 200_000], 9]);
    });

    it('waits for a reader that does not read, and loses nothing', async () => {
      const id = await scene().start(await scene().run());
      const session = await open('head -c 32000000 /dev/zero; touch /dev/shm/written', outputs, id);
      const isWritten = async (): Promise<boolean> => (await scene().runtime.execSync(id, ['ls', '/dev/shm/written'], 5)).exitCode === 0;
      const before = process.memoryUsage.rss();
      for (let round = 0; round < 5; round += 1) expect(await isWritten()).toBe(false);
      expect(process.memoryUsage.rss() - before).toBeLessThan(64 * MiB);
      expect([(await whole(session.stdout)).length, await session.exited]).toEqual([32_000_000, 0]);
      expect(await isWritten()).toBe(true);
    });

    promises.it('execKill', 'that is closed before its end is killed', async () => {
      const id = await scene().start(await scene().run());
      const session = await open('echo runs; exec sleep 333', all, id);
      await once(session.stdout as Readable, 'data');
      await session.close();
      await session.close();
      await vi.waitFor(async () => expect((await scene().runtime.execSync(id, ['ps'], 5)).stdout.toString()).not.toContain('sleep 333'), PATIENCE);
    });

    promises.it('heldOutput', 'ends although a child holds its output open', async () => {
      const session = await open('sleep 600 & echo done');
      expect(await Promise.all([whole(session.stdout), session.exited])).toEqual(['done\n', 0]);
    });

    promises.it('execStart', 'fails where it cannot be started', async () => {
      const id = await scene().start(await scene().run());
      const failing = scene().runtime.exec(id, { command: ['no-such-command'], ...all });
      await expect(failing).rejects.toMatchObject({ code: 'StartError', message: expect.stringContaining('executable file not found in $PATH') as string });
    });

    it('fails where nothing runs', async () => {
      const id = await scene().start(await scene().run());
      const request = { command: ['true'], ...all };
      await scene().runtime.stopContainer(id, 0);
      expect(await errorCode(scene().runtime.exec(id, request))).toBe('InvalidArgument');
      await scene().runtime.removeContainer(id);
      expect(await errorCode(scene().runtime.exec(id, request))).toBe('NotFound');
    });

    it('ends with its container', async () => {
      const id = await scene().start(await scene().run());
      const session = await open('echo runs; exec sleep 600', all, id);
      await once(session.stdout as Readable, 'data');
      await scene().runtime.stopContainer(id, 0);
      expect([137, 'Unavailable', 'InvalidArgument']).toContain(await session.exited.catch((error: { code: string }) => error.code));
      await session.close();
    });
  });

  describe('attach', () => {
    const echo = 'while read line; do echo "$line"; echo "$line" >&2; done; exit 4';

    async function container(script: string, overrides: Partial<ContainerConfig> = {}): Promise<string> {
      return scene().start(await scene().run(), { command: ['sh', '-c', script], stdin: true, ...overrides });
    }

    it('joins the streams of the process, and the log has it all', async () => {
      // A runtime may say that it has joined a moment before it has: the process speaks until it is spoken to.
      const id = await container('until read -t 1 line; do echo waiting; done; echo "$line"; echo "$line" >&2; exit 4', { stdinOnce: true });
      const [one, other] = [await scene().runtime.attach(id, all), await scene().runtime.attach(id, outputs)];
      const said = Promise.all([one.stdout, one.stderr, other.stdout].map(whole));
      await Promise.all([one, other].map(({ stdout }) => once(stdout as Readable, 'data')));
      one.stdin?.end('hello\n');
      const spoken = (await said).map((text) => text.replaceAll('waiting\n', ''));
      expect([spoken, await one.exited, await other.exited]).toEqual([['hello\n', 'hello\n', 'hello\n'], 4, 4]);
      const status = await scene().ended(id);
      const lines = (await scene().wholeLog(status)).filter(({ text }) => text !== 'waiting');
      expect(lines.map(({ stream, text: line }) => `${stream} ${line}`).toSorted()).toEqual(['stderr hello', 'stdout hello']);
    });

    it('ends with its stdin, which it leaves open to the next one, unless it was asked otherwise', async () => {
      const id = await container(echo);
      const first = await scene().runtime.attach(id, all);
      first.stdin?.write('first\n');
      expect(String(await once(first.stdout as Readable, 'data'))).toBe('first\n');
      first.stdin?.end();
      expect(await Promise.all([whole(first.stdout), whole(first.stderr), first.exited])).toEqual(['', 'first\n', undefined]);
      await first.close();
      const second = await scene().runtime.attach(id, all);
      second.stdin?.write('second\n');
      expect(String(await once(second.stdout as Readable, 'data'))).toBe('second\n');
      await second.close();
      expect((await scene().runtime.containerStatus(id)).state).toBe('CONTAINER_RUNNING');
    });

    it('ends stdin with the one who leaves, if it was asked for once', async () => {
      const id = await container('cat; exit 6', { stdinOnce: true });
      const session = await scene().runtime.attach(id, all);
      session.stdin?.write('there\n');
      expect(String(await once(session.stdout as Readable, 'data'))).toBe('there\n');
      await session.close();
      expect((await scene().ended(id)).exitCode).toBe(6);
    });

    it('has a terminal with a size', async () => {
      const id = await container('until [ "$(stty size)" = "45 123" ]; do sleep 0.05; done; read line; echo "got $line"', { tty: true });
      const session = await scene().runtime.attach(id, terminal);
      const said = whole(session.stdout);
      await session.resize({ width: 123, height: 45 });
      session.stdin?.write('typed\n');
      expect(await session.exited).toBe(0);
      expect(await said).toContain('got typed');
    });

    it('a stdin that was not asked for takes nothing', async () => {
      const id = await container('while sleep 0.05; do echo alive; done', { stdin: false });
      const session = await scene().runtime.attach(id, all);
      session.stdin?.end('lost\n');
      expect(String(await once(session.stdout as Readable, 'data'))).toMatch(/^(?:alive\n)+$/);
      await session.close();
    });

    it('one who does not read makes the container wait, and lets it go', async () => {
      const id = await container('read go; yes $(head -c 99 /dev/zero | tr "\\0" x) | head -n 200000; touch /dev/shm/written; exec sleep 600');
      const session = await scene().runtime.attach(id, all);
      session.stdin?.write('go\n');
      const isWritten = async (): Promise<boolean> => (await scene().runtime.execSync(id, ['ls', '/dev/shm/written'], 5)).exitCode === 0;
      for (let round = 0; round < 5; round += 1) expect(await isWritten()).toBe(false);
      await session.close();
      await vi.waitFor(async () => expect(await isWritten()).toBe(true), PATIENCE);
      expect(readLog((await scene().runtime.containerStatus(id)).logPath).length).toBe(200_000);
    });

    it('fails where nothing runs', async () => {
      const sandbox = await scene().run();
      const id = await scene().runtime.createContainer(sandbox.id, scene().containerConfig(), sandbox.config);
      expect(await errorCode(scene().runtime.attach(id, outputs))).toBe('InvalidArgument');
      await scene().runtime.startContainer(id);
      await scene().runtime.stopContainer(id, 0);
      expect(await errorCode(scene().runtime.attach(id, outputs))).toBe('InvalidArgument');
      await scene().runtime.removeContainer(id);
      expect(await errorCode(scene().runtime.attach(id, outputs))).toBe('NotFound');
    });
  });

  describe('port-forward', () => {
    /** Something that listens on port 7000 of a sandbox. */
    async function serving(command: string): Promise<string> {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox, { command: ['sh', '-c', command] });
      await scene().runtime.execSync(id, ['sh', '-c', 'until grep -qs ":1B58 .* 0A " /proc/net/tcp /proc/net/tcp6; do sleep 0.05; done'], 30);
      return sandbox.id;
    }

    it('reaches what listens on the loopback of the pod alone, many at once', async () => {
      const sandboxId = await serving('mkdir /tmp/www; echo served > /tmp/www/page; exec httpd -f -p 127.0.0.1:7000 -h /tmp/www');
      const pages = Array.from({ length: 8 }, async () => {
        const connection = await scene().runtime.portForward(sandboxId, 7000);
        connection.end('GET /page HTTP/1.0\r\n\r\n');
        return (await text(connection)).split('\r\n').at(-1);
      });
      expect(await Promise.all(pages)).toEqual(Array(8).fill('served\n'));
    });

    promises.it('portForwardHalfClose', 'goes on in each direction to its own end', async () => {
      const sandboxId = await serving('while :; do nc -l -p 7000 -e sh -c "cat; echo ended"; done');
      const connection = await scene().runtime.portForward(sandboxId, 7000);
      connection.write(Buffer.alloc(MiB, 'x'));
      connection.end('!');
      const said = await text(connection);
      expect([said.length, said.slice(-8)]).toEqual([MiB + 7, 'x!ended\n']);
    });

    promises.it('portForwardStart', 'fails where nothing listens', async () => {
      expect(await errorCode(scene().runtime.portForward((await scene().run()).id, 7001))).toBe('Unavailable');
    });

    it('fails where no sandbox is ready', async () => {
      const { id } = await scene().run();
      expect(await errorCode(scene().runtime.portForward(id, 65_536))).toBe('InvalidArgument');
      await scene().runtime.stopPodSandbox(id);
      expect(await errorCode(scene().runtime.portForward(id, 7001))).toBe('InvalidArgument');
      await scene().runtime.removePodSandbox(id);
      expect(await errorCode(scene().runtime.portForward(id, 7001))).toBe('NotFound');
    });

    it('ends with what it leads to', async () => {
      const sandboxId = await serving('nc -l -p 7000 -e sh -c "echo hello; exec sleep 600"');
      const connection = await scene().runtime.portForward(sandboxId, 7000);
      expect(String(await once(connection, 'data'))).toBe('hello\n');
      const closed = once(connection, 'close');
      connection.on('error', () => undefined).resume();
      await scene().runtime.stopPodSandbox(sandboxId);
      connection.end();
      await closed;
    });
  });
}

const whole = (stream: Readable | undefined): Promise<string> => (stream === undefined ? Promise.reject(new Error('no such stream')) : text(stream));
