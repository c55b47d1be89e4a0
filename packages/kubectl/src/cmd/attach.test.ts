import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { fakeProcess } from '../testing/fake-process.ts';
import type { FakeProcess } from '../testing/fake-process.ts';
import { kubectl } from '../testing/run.ts';

const PODS = '/api/v1/namespaces/default/pods';
const RECORDED = /^All commands and output from this session will be recorded in container logs.*\nIf you don't see a command prompt, try pressing enter\.\n$/;
const running = (serve: (process: FakeProcess) => void, container: object = {}, phase = 'Running') =>
  new FakeApi()
    .on(`GET ${PODS}/web`, { kind: 'Pod', metadata: { name: 'web', namespace: 'default' }, spec: { containers: [{ name: 'main', ...container }] }, status: { phase } })
    .on(`CONNECT ${PODS}/web/attach`, fakeProcess(serve));

function terminalIo(): FakeIo {
  const io = new FakeIo();
  io.typedAt = { size: () => ({ width: 80, height: 24 }), onResize: () => () => undefined, raw: () => () => undefined };
  return io;
}

describe('kubectl attach', () => {
  it('shows what the process says from now on', async () => {
    const { exitCode, stdout, stderr } = await kubectl(running((process) => (process.print('tick\n'), process.exit(0))), 'attach web');
    expect([exitCode, stdout]).toEqual([0, 'tick\n']);
    expect(stderr).toMatch(RECORDED);
  });

  it('has a terminal when the container has, drawn anew, and says how to come back', async () => {
    let seen: FakeProcess | undefined;
    const api = running((process) => {
      seen = process;
      setImmediate(() => process.exit(0));
    }, { tty: true, stdin: true });
    const { stdout } = await kubectl(api, 'attach -i web', terminalIo());
    expect(stdout).toBe("Session ended, resume using 'kubectl attach web -c main -n default -i -t' command\n");
    expect(seen?.sizes).toEqual(['{"Width":81,"Height":25}', '{"Width":80,"Height":24}']);
  });

  it('says to what it cannot attach', async () => {
    const { stderr } = await kubectl(running((process) => process.exit(0)), 'attach web -c zz');
    expect(stderr).toBe('error: cannot attach to the container: container zz is not valid for pod web out of: main\n');
  });

  it('leaves by the keys, and what came before them was typed', async () => {
    let seen: FakeProcess | undefined;
    const io = terminalIo();
    const api = running((process) => (seen = process), { tty: true, stdin: true });
    io.streams.stdin.write('ls\u0010x\u0010\u0011rest');
    expect((await kubectl(api, 'attach -it web', io)).exitCode).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen?.input).toBe('ls\u0010x');
  });

  it('goes without a terminal where the container has none', async () => {
    const { stderr } = await kubectl(running((process) => process.exit(0)), 'attach -it web', terminalIo());
    expect(stderr).toContain('error: Unable to use a TTY - container main did not allocate one\n');
  });

  it.each([
    ['attach', 'at least 1 argument is required for attach'],
    ['attach a b c', 'expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw 3: [a b c]'],
    ['attach web --pod-running-timeout=0', '--pod-running-timeout must be higher than zero'],
    ['attach web --detach-keys=ctrl-ü', "could not bind detach keys: Unknown character: 'ctrl-ü'"],
  ])('%s fails with a reason', async (line, message) => {
    const { exitCode, stderr } = await kubectl(running((process) => process.exit(0)), line);
    expect([exitCode, stderr.endsWith(`error: ${message}\n`)]).toEqual([1, true]);
  });

  it('does not join a pod that has ended', async () => {
    const { stderr } = await kubectl(running(() => undefined, {}, 'Succeeded'), 'attach web');
    expect(stderr).toBe('error: cannot attach a container in a completed pod; current phase is Succeeded\n');
  });
});
