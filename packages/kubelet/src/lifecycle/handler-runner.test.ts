import { createServer } from 'node:http';
import { CriError, type ExecResult } from '@podling/cri';
import type { LifecycleHandler } from '@podling/shared/api';
import { FakeClock, settle } from '@podling/shared/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { createHandlerRunner } from './handler-runner.ts';

const inPod = 'for Container "web" in Pod "web_default(pod-uid)" failed - error: ';
const servers: { close: () => void }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function scene(exec: (command: readonly string[]) => Promise<Partial<ExecResult>> = async () => ({})) {
  const clock = new FakeClock();
  const events: string[] = [];
  const pod = podOf([{ name: 'web', ports: [{ name: 'http', containerPort: 1 }] }]);
  const [container] = pod.spec.containers;
  if (!container) throw new Error('no container');
  const runner = createHandlerRunner({
    clock,
    runtime: { execSync: async (_id, command) => ({ exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), ...(await exec(command)) }) },
    events: { pod: (_pod, type, reason, message) => void events.push([type, reason, message].join(' ')), container: () => undefined },
  });
  const abort = new AbortController();
  const run = (handler: LifecycleHandler) => runner.run({ pod, container, containerId: 'c', podIP: '127.0.0.1' }, handler, abort.signal);
  return { clock, events, run, abort };
}

async function serve(statusCode: number, seen: unknown[] = []): Promise<number> {
  const server = createServer(({ url, headers }, response) => {
    seen.push({ url, agent: headers['user-agent'], authorization: headers.authorization });
    response.writeHead(statusCode).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

describe('HandlerRunner', () => {
  it('runs a command to its end and says why it failed', async () => {
    const commands: unknown[] = [];
    await scene(async (command) => ({ exitCode: commands.push(command) - 1 })).run({ exec: { command: ['a', 'b'] } });
    expect(commands).toEqual([['a', 'b']]);
    const failing = scene(async () => ({ exitCode: 3, stdout: Buffer.from('x'), stderr: Buffer.from('\u0007y') }));
    await expect(failing.run({ exec: { command: ['a', 'b'] } })).rejects.toThrow(`Exec lifecycle hook ([a b]) ${inPod}command 'a b' exited with 3: , message: "x\ufffdy"`);
    const unstartable = scene(() => Promise.reject(new CriError('StartError', 'no such file')));
    await expect(unstartable.run({ exec: { command: ['a'] } })).rejects.toMatchObject({ name: 'HandlerError', message: `Exec lifecycle hook ([a]) ${inPod}no such file` });
  });

  it('takes any answer to a GET for success', async () => {
    const seen: unknown[] = [];
    const port = await serve(500, seen);
    await scene().run({ httpGet: { port, path: '/stop' } });
    expect(seen).toEqual([{ url: '/stop', agent: 'kube-lifecycle/1.36', authorization: undefined }]);
    await expect(scene().run({ httpGet: { port: 'http', path: '/x' } })).rejects.toThrow(`HTTP lifecycle hook (/x) ${inPod}Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused`);
  });

  it('tries http where https is answered in the clear, without credentials, and tells', async () => {
    const seen: unknown[] = [];
    const port = await serve(200, seen);
    const { run, events } = scene();
    await run({ httpGet: { port, scheme: 'HTTPS', httpHeaders: [{ name: 'Authorization', value: 'secret' }] } });
    expect(seen).toEqual([{ url: '/', agent: 'kube-lifecycle/1.36', authorization: undefined }]);
    expect(events).toEqual([`Warning LifecycleHTTPFallback request to HTTPS lifecycle hook 127.0.0.1:${port} got HTTP response, retry with HTTP succeeded`]);
  });

  it('sleeps, and says that the container has ended first', async () => {
    const { run, clock, abort } = scene();
    let slept = false;
    const done = run({ sleep: { seconds: 5 } }).then(() => (slept = true));
    await clock.advance(4_999);
    expect(slept).toBe(false);
    await clock.advance(1);
    await done;
    const cut = run({ sleep: { seconds: 5 } });
    abort.abort(new Error('enough'));
    await expect(cut).rejects.toThrow(`Sleep lifecycle hook (5) ${inPod}container terminated before sleep hook finished`);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not wait for a command once it is called off', async () => {
    const { run, abort } = scene(() => new Promise(() => undefined));
    const running = run({ exec: { command: ['sleep'] } });
    await settle();
    abort.abort(new Error('the grace period is over'));
    await expect(running).rejects.toThrow('the grace period is over');
  });

  it('fails what no hook may be', async () => {
    await expect(scene().run({ tcpSocket: { port: 80 } })).rejects.toThrow('Cannot run handler: invalid handler: tcpSocket');
  });
});
