import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { isRunning, nodeOf, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../../harness/e2e-cluster.ts';
import { forwardPort } from '../../harness/forward-port.ts';
import { KubectlUser, upstreamKubectls } from '../../harness/upstream-kubectl.ts';

const world = e2eWorld('streaming-long');
const user = new KubectlUser(upstreamKubectls.oldest, world.cluster.kubeconfigPath);
const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
let node: ReturnType<typeof nodeOf>;

beforeAll(async () => {
  user.inNamespace(world.namespace);
  await openNamespace(world);
  // Says a GiB of nothing to whoever connects, and counts what it is told on another port.
  const script = 'nc -ll -p 7000 -e sh -c "head -c 1073741824 /dev/zero" & nc -ll -p 7001 -e sh -c "sha256sum > /tmp/sum" & wait';
  await applyPod(world, toolboxPod('web', script, { container: { volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }] }, spec: { volumes: [{ name: 'tmp', emptyDir: {} }] } }));
  node = nodeOf(world, await podUntil(world, 'web', 'Running', isRunning));
});
afterAll(async () => {
  user.leave();
  await closeNamespace(world);
});

const processes = () => ({ apiserver: pidOf('apiserver'), kubelet: pidOf(`kubelet/${node.name}`) });
const pidOf = (name: string): number => world.cluster.process(name).pid ?? 0;
const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
const residentBytes = (pid: number): number => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

/** The most that each has held while `work` went on, less what it held before. */
async function growth(work: Promise<unknown>): Promise<{ apiserver: number; kubelet: number }> {
  const pids = processes();
  const before = { apiserver: residentBytes(pids.apiserver), kubelet: residentBytes(pids.kubelet) };
  const most = { ...before };
  let isDone = false;
  void work.finally(() => (isDone = true)).catch(() => undefined);
  await waitUntil('the transfer', async () => {
    for (const name of ['apiserver', 'kubelet'] as const) most[name] = Math.max(most[name], residentBytes(pids[name]));
    return isDone;
  }, { timeoutMs: 600_000, intervalMs: 200 });
  await work;
  return { apiserver: most.apiserver - before.apiserver, kubelet: most.kubelet - before.kubelet };
}

describe('streams in great number', () => {
  it('leave no file, no process and no FIFO behind, however they end', async () => {
    const execs = join(node.paths.runtimeState, 'execs');
    await user.say('exec', 'web', '--', 'true');
    const { apiserver, kubelet } = processes();
    const before = { apiserver: openFiles(apiserver), kubelet: openFiles(kubelet) };
    for (let batch = 0; batch < 20; batch += 1) {
      const sessions = Array.from({ length: 10 }, (_, index) => user.start(['exec', 'web', '--', 'sh', '-c', index % 5 === 4 ? 'echo up; exec sleep 7777' : `echo ${index}; exit ${index}`]));
      const killed = sessions.filter((_, index) => index % 5 === 4);
      await Promise.all(killed.map(async (session) => {
        if (session.stdout !== null) await once(session.stdout, 'data');
        session.kill('SIGKILL');
      }));
      const codes = await Promise.all(sessions.map(async (session) => (await session).exitCode));
      expect(codes).toEqual([0, 1, 2, 3, undefined, 5, 6, 7, 8, undefined]);
    }
    await waitUntil('everything to be let go of', async () => {
      const left = [readdirSync(execs).length, openFiles(apiserver) <= before.apiserver + 5, openFiles(kubelet) <= before.kubelet + 5];
      return left[0] === 0 && left[1] === true && left[2] === true;
    }, { timeoutMs: 60_000 });
    expect(await user.say('exec', 'web', '--', 'ps')).not.toContain('sleep 7777');
  });
});

describe('a GiB through a forwarded port', () => {
  it('comes whole, and is nowhere held', async () => {
    const forward = await forwardPort(user, 'pod/web', 7000);
    const hash = createHash('sha256');
    const socket = connect(forward.port, '127.0.0.1');
    let bytes = 0;
    socket.on('data', (data: Buffer) => {
      bytes += data.length;
      hash.update(data);
    });
    const grown = await growth(once(socket, 'close'));
    await forward.stop();
    expect([bytes, hash.digest('hex')]).toEqual([GiB, createHash('sha256').update(Buffer.alloc(GiB)).digest('hex')]);
    expect(grown.apiserver).toBeLessThan(96 * MiB);
    expect(grown.kubelet).toBeLessThan(96 * MiB);
  });

  it('goes whole, and is nowhere held', async () => {
    const forward = await forwardPort(user, 'pod/web', 7001);
    const socket = connect({ port: forward.port, host: '127.0.0.1', allowHalfOpen: true });
    const send = async (): Promise<void> => {
      const chunk = Buffer.alloc(MiB, 'x');
      for (let sent = 0; sent < GiB; sent += MiB) if (!socket.write(chunk)) await once(socket, 'drain');
      socket.end();
      await once(socket.resume(), 'close');
    };
    const grown = await growth(send());
    await forward.stop();
    const expected = createHash('sha256');
    for (let hashed = 0; hashed < GiB; hashed += MiB) expected.update(Buffer.alloc(MiB, 'x'));
    expect(await user.say('exec', 'web', '--', 'cat', '/tmp/sum')).toContain(expected.digest('hex'));
    expect(grown.apiserver).toBeLessThan(96 * MiB);
    expect(grown.kubelet).toBeLessThan(96 * MiB);
  });
});
