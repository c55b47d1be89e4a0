import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { CriRuntime } from '@podling/cri';
import { createContainerdRuntime } from '@podling/cri/containerd';
import { createLogger } from '@podling/shared/util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { shimsOf, startContainerdNode } from '../harness/containerd-node.ts';
import type { ContainerdNode } from '../harness/containerd-node.ts';
import { eventually } from '../harness/eventually.ts';
import { buildNodeImages } from '../harness/node-images.ts';
import type { NodeImages } from '../harness/node-images.ts';

describe('exec and resources over a restart', () => {
  let images: NodeImages;
  let node: ContainerdNode;
  let runtime: CriRuntime;
  let id: string;

  const connect = (): CriRuntime => createContainerdRuntime({ ...node, pauseImage: images.pause, logger: createLogger('test', 'silent') });

  beforeAll(async () => {
    images = await buildNodeImages();
    node = await startContainerdNode({ archives: images.archives });
    runtime = connect();
    id = await startContainer();
  });
  afterAll(async () => {
    for (const pod of await runtime.listPodSandboxes()) await runtime.removePodSandbox(pod.id);
    await runtime.close();
    await node.stop();
    await images.remove();
  });

  async function startContainer(): Promise<string> {
    const uid = randomUUID();
    const logDirectory = join(node.folder, 'logs');
    await mkdir(logDirectory, { recursive: true });
    const config = { metadata: { name: 'web', namespace: 'default', uid, attempt: 0 }, hostname: 'web', logDirectory, portMappings: [], labels: {}, annotations: {}, cgroupParent: node.cgroupParent };
    const sandboxId = await runtime.runPodSandbox(config);
    const container = await runtime.createContainer(sandboxId, {
      metadata: { name: 'main', attempt: 0 }, image: images.toolbox, command: ['sleep', '600'], args: [], workingDir: '', env: [], mounts: [], labels: {}, annotations: {},
      logPath: 'main.log', stdin: false, tty: false, linux: { cpuShares: 1024 },
    }, config);
    await runtime.startContainer(container);
    return container;
  }

  const processes = async (): Promise<string> => (await runtime.execSync(id, ['ps'], 10)).stdout.toString();

  /** A command that runs by now, and what becomes of it. */
  async function executing(command: string): Promise<{ result: Promise<unknown> }> {
    const result = runtime.execSync(id, ['sh', '-c', `exec ${command}`], 0).catch((error: unknown) => error);
    await eventually('the command runs', async () => (await processes()).includes(command));
    return { result };
  }

  async function nothingLeft(command: string): Promise<void> {
    await eventually('no command is left', async () => (await readdir(join(node.stateDir, 'execs'))).length === 0);
    expect(await processes()).not.toContain(command);
  }

  const descriptors = async (): Promise<number> => (await readdir('/proc/self/fd')).length;

  /** Those that shims have open. */
  async function terminals(): Promise<string[]> {
    const files = (await shimsOf(node.address)).map(async (pid) => {
      const fds = await readdir(`/proc/${pid}/fd`);
      return Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    });
    return (await Promise.all(files)).flat().filter((path) => path.endsWith('/ptmx'));
  }

  async function children(command: string): Promise<string[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
    return stats.filter((stat) => stat.includes(`(${command})`) && stat.split(') ')[1]?.split(' ')[1] === String(process.pid));
  }

  it('without one: the terminal of a command that has ended is let go of', async () => {
    const session = await runtime.exec(id, { command: ['sh'], tty: true, stdin: true, stdout: true, stderr: false });
    session.stdout?.resume();
    expect(await terminals()).toHaveLength(1);
    session.stdin?.write('exit 3\n');
    expect(await session.exited).toBe(3);
    await eventually('no terminal is left', async () => (await terminals()).length === 0, { timeoutMs: 20_000 });
  });

  it('without one: nothing is left of 50 sessions that ended or were cut off', async () => {
    await runtime.execSync(id, ['true'], 10);
    const before = await descriptors();
    const streams = { tty: false, stdin: true, stdout: true, stderr: true };
    // Who listens at 7001 does not hear of the other side's end.
    await runtime.execSync(id, ['sh', '-c', 'httpd -p 127.0.0.1:7000; nc -l -p 7001 -e sleep 445 < /dev/null > /dev/null 2>&1 &'], 10);
    const command = ['sh', '-c', 'cat; exec sleep 444'];
    await Promise.all(Array.from({ length: 30 }, async (_, index) => {
      const session = await runtime.exec(id, { command: index % 2 === 0 ? ['cat'] : command, ...streams, tty: index % 3 === 0 });
      session.stdin?.end('said\n');
      if (index % 2 === 0) await session.exited;
      await session.close();
    }));
    await Promise.all(Array.from({ length: 10 }, async () => (await runtime.attach(id, streams)).close()));
    const { podSandboxId } = await runtime.containerStatus(id);
    const forward = (port: number): Promise<Duplex> => vi.waitFor(() => runtime.portForward(podSandboxId, port), { timeout: 20_000 });
    await Promise.all([7001, ...Array<number>(9).fill(7000)].map(async (port) => (await forward(port)).destroy()));
    await nothingLeft('sleep 444');
    await eventually('no connection is left', async () => (await children('pod-dial')).length === 0);
    await eventually('no descriptor is left', async () => (await descriptors()) <= before);
  });

  it('of containerd: the command fails with Unavailable and is ended afterwards', async () => {
    const { result } = await executing('sleep 111');
    await node.killContainerd();
    expect(await result).toMatchObject({ code: 'Unavailable' });
    await node.startContainerd();
    await nothingLeft('sleep 111');
  });

  it('of the kubelet: the next one ends the command', async () => {
    const { result } = await executing('sleep 222');
    await runtime.close();
    await result;
    runtime = connect();
    await nothingLeft('sleep 222');
  });

  it('of both: the resources are those of the last update', async () => {
    await runtime.updateContainerResources(id, { cpuShares: 2048, memoryLimitBytes: 64 * 1024 * 1024 });
    await runtime.close();
    await node.killContainerd();
    await node.startContainerd();
    runtime = connect();
    expect((await runtime.containerStatus(id)).resources).toEqual({ cpuShares: 2048, memoryLimitBytes: 64 * 1024 * 1024 });
  });
});
