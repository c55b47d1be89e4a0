import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ContainerConfig, CriRuntime, PodSandboxConfig } from '@podling/cri';
import { CriError, logFilePaths } from '@podling/cri';
import { createContainerdRuntime } from '@podling/cri/containerd';
import { criContract } from '@podling/cri/contract';
import { createLogger } from '@podling/shared/util';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startContainerdNode } from '../harness/containerd-node.ts';
import type { ContainerdNode } from '../harness/containerd-node.ts';
import { criFixture } from '../harness/cri-fixture.ts';
import { eventsStarted } from '../harness/events-started.ts';
import { eventually } from '../harness/eventually.ts';
import { buildNodeImages, busyboxFiles, writeArchive } from '../harness/node-images.ts';
import type { NodeImages } from '../harness/node-images.ts';

const logger = createLogger('test', 'error');

function runtimeOn(node: ContainerdNode, pauseImage: string): CriRuntime {
  return createContainerdRuntime({ ...node, pauseImage, logger });
}

async function ipLeases(node: ContainerdNode): Promise<string[]> {
  const files = await readdir(join(node.folder, 'ipam/flannel')).catch(() => []);
  return files.filter((file) => /^\d+\./.test(file));
}

criContract('containerd', async () => {
  const images = await buildNodeImages();
  const node = await startContainerdNode({ archives: images.archives });
  const runtime = runtimeOn(node, images.pause);
  await eventsStarted(runtime);
  return criFixture(runtime, node, images);
}, { runsProcesses: true });

describe('containerd runtime', () => {
  let images: NodeImages;
  let node: ContainerdNode;
  let runtime: CriRuntime;

  beforeAll(async () => {
    images = await buildNodeImages();
    node = await startContainerdNode({ archives: images.archives });
  });
  beforeEach(async () => {
    runtime = runtimeOn(node, images.pause);
    await eventsStarted(runtime);
  });
  afterEach(async () => {
    for (const { id } of await runtime.listPodSandboxes()) await runtime.removePodSandbox(id);
    await runtime.close();
  });
  afterAll(async () => {
    await node.stop();
    await images.remove();
  });

  function sandboxConfig(overrides: Partial<PodSandboxConfig> = {}): PodSandboxConfig {
    const uid = randomUUID();
    return {
      metadata: { name: 'web', namespace: 'default', uid, attempt: 0 },
      hostname: 'web', logDirectory: join(node.folder, 'pods', uid), portMappings: [], annotations: {},
      labels: { 'io.kubernetes.pod.uid': uid }, cgroupParent: node.cgroupParent,
      ...overrides,
    };
  }

  function containerConfig(script: string, overrides: Partial<ContainerConfig> = {}): ContainerConfig {
    return {
      metadata: { name: 'main', attempt: 0 }, image: images.toolbox, command: ['sh', '-c', script], args: [],
      workingDir: '', env: [], mounts: [], labels: {}, annotations: {}, logPath: 'main/0.log', stdin: false, tty: false, linux: {},
      ...overrides,
    };
  }

  async function start(script: string, config = sandboxConfig()): Promise<{ sandboxId: string; id: string; logPath: string }> {
    const sandboxId = await runtime.runPodSandbox(config);
    const id = await runtime.createContainer(sandboxId, containerConfig(script), config);
    await runtime.startContainer(id);
    return { sandboxId, id, logPath: join(config.logDirectory, 'main/0.log') };
  }

  function logText(logPath: string): string[] {
    const text = logFilePaths(logPath).map((path) => readFileSync(path, 'utf8')).join('');
    return text.split('\n').slice(0, -1).map((line) => line.split(' ').slice(3).join(' '));
  }

  async function isAlive(pid: number): Promise<boolean> {
    return existsSync(`/proc/${pid}`);
  }

  const logProcessPid = () => Number(readFileSync(join(node.stateDir, 'log-process.pid'), 'utf8'));

  it('[A1] names the pause container by pod UID and attempt and labels it', async () => {
    const config = sandboxConfig();
    const id = await runtime.runPodSandbox(config);
    const { name, uid } = config.metadata;
    const format = '{{.Name}} {{index .Config.Labels "podling.io/pod-name"}} {{index .Config.Labels "podling.io/pod-uid"}} {{.NetworkSettings.IPAddress}}';
    const seen = await node.nerdctl('inspect', '--format', format, `${uid}-0-pause`);
    expect(seen).toBe(`${uid}-0-pause ${name} ${uid} ${(await runtime.podSandboxStatus(id)).ip}`);
  });

  it('[A4] the host reaches a pod by IP and port, and by a host port on the node', async () => {
    const config = sandboxConfig({ portMappings: [{ protocol: 'TCP', containerPort: 8080, hostPort: 18080, hostIp: '' }] });
    const { sandboxId } = await start('while :; do echo served | nc -l -p 8080; done', config);
    const { ip } = await runtime.podSandboxStatus(sandboxId);
    const ask = async (host: string, port: number) => {
      const socket = connect({ host, port, timeout: 2_000 });
      socket.on('timeout', () => socket.destroy(new Error('no answer')));
      return (await text(socket)) === 'served\n';
    };
    await eventually('the pod answers by its IP', () => ask(ip, 8080));
    const nodeIp = (await execa('ip', ['-n', node.enter[1]?.split('/').at(-1) ?? '', '-4', '-o', 'address', 'show', 'eth0'])).stdout.split(/\s+/)[3]?.split('/')[0] ?? '';
    await eventually('the node answers for it', () => ask(nodeIp, 18080));
  });

  describe('an image that means ill', () => {
    type Content = Partial<Parameters<typeof writeArchive>[1]>;

    /** How a container of an image with this content fails, or what it prints. */
    async function outcome(sandboxId: string, config: PodSandboxConfig, content: Content): Promise<string> {
      const name = randomUUID();
      const ref = `podling.local/ill:${name}`;
      const archive = await writeArchive(node.folder, { files: [{ type: 'directory', name: 'etc' }], ...content, ref });
      // ctr itself gives up on some of them, and leaves them there.
      await node.ctr('images', 'import', archive).catch(() => '');
      const container = containerConfig('', { image: ref, metadata: { name, attempt: 0 }, command: ['/bin/sh', '-c', 'pwd; id -u'], logPath: `${name}/0.log` });
      try {
        const id = await runtime.createContainer(sandboxId, container, config);
        await runtime.startContainer(id);
        await eventually('it has ended', async () => (await runtime.containerStatus(id)).state === 'CONTAINER_EXITED');
        await runtime.removeContainer(id);
        return logText(join(config.logDirectory, container.logPath)).join(' ');
      } catch (error) {
        return error instanceof CriError ? `${error.code}: ${error.message}` : `not a CriError: ${String(error)}`;
      }
    }

    async function outcomes<Name extends string>(contents: Record<Name, Content>): Promise<Record<string, string>> {
      const config = sandboxConfig();
      const sandboxId = await runtime.runPodSandbox(config);
      const ends = Object.entries<Content>(contents).map(async ([name, content]) => [name, await outcome(sandboxId, config, content)]);
      return Object.fromEntries(await Promise.all(ends)) as Record<string, string>;
    }

    it('fails its container alone, with a message', async () => {
      const files = busyboxFiles(await readFile(join(node.toolchainDir, 'pkg/bin/busybox')), ['sh', 'id'], ['tmp']);
      expect(await outcomes({
        entrypoint: { configuration: { config: { Entrypoint: '/bin/sh' } } },
        signal: { configuration: { config: { StopSignal: '999' } } },
        user: { user: '4294967296' },
        folder: { workingDir: '../..' },
        size: { configuration: { padding: 'x'.repeat(5 * 1024 * 1024) } },
        environment: { files, env: [`A=${'x'.repeat(3 * 1024 * 1024)}`] },
        good: { files, workingDir: '/../../tmp/../..' },
      })).toEqual({
        entrypoint: "InvalidArgument: the image's configuration is broken: Entrypoint is not a list",
        signal: 'InvalidArgument: invalid stop signal "999"',
        user: 'InvalidArgument: user id 4294967296 is not between 0 and 2147483647',
        folder: 'InvalidArgument: the working directory is not an absolute path: ../..',
        size: expect.stringMatching(/^InvalidArgument: the image's document .* is larger than 4194304 bytes/),
        environment: 'exec /bin/sh: argument list too long',
        good: '/ 0',
      });
      expect((await runtime.listImages()).length).toBeGreaterThan(5);
    });

    it('does not make the node\'s files its accounts', async () => {
      const secret = join(node.folder, 'accounts-of-the-node');
      await writeFile(secret, 'stranger:x:4242:0::/:/bin/sh\n');
      const link = (target: string) => [{ type: 'symlink' as const, name: 'etc/passwd', target }];
      const user = 'stranger';
      const ends = await outcomes({
        absolute: { user, files: link(secret) },
        relative: { user, files: link(`${'../'.repeat(40)}${secret}`) },
        proc: { user, files: link(`/proc/1/root${secret}`) },
        upper: { user, upperLayers: [link(secret)] },
      });
      expect(new Set(Object.values(ends))).toEqual(new Set(['InvalidArgument: no such user in the image: stranger']));
    });
  });

  it('containers of a sandbox share the shim of the pause container', async () => {
    const { sandboxId, id } = await start('sleep 600');
    const shims = (await execa('ps', ['-eo', 'args'])).stdout.split('\n').filter((line) => line.includes('containerd-shim') && line.includes(node.address));
    expect(shims.filter((line) => line.includes(sandboxId))).toHaveLength(1);
    expect(shims.filter((line) => line.includes(id))).toEqual([]);
  });

  it('leaves nothing after removal: containers, tasks, snapshots, leases, IPs, mounts, records', async () => {
    const snapshots = await node.ctr('snapshots', 'list');
    const { sandboxId } = await start('sleep 600');
    expect(await ipLeases(node)).toHaveLength(1);
    await runtime.removePodSandbox(sandboxId);
    expect(await node.ctr('containers', 'list', '--quiet')).toBe('');
    expect(await node.ctr('tasks', 'list', '--quiet')).toBe('');
    expect(await node.ctr('leases', 'list', '--quiet')).toBe('');
    expect(await node.ctr('snapshots', 'list')).toBe(snapshots);
    expect(await ipLeases(node)).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(node.stateDir);
    for (const folder of ['sandboxes', 'containers']) expect(await readdir(join(node.stateDir, folder))).toEqual([]);
    const store = async (): Promise<string> => (await execa('find', [node.nerdctlDataRoot, '-name', `*${sandboxId}*`, '-o', '-name', '*-0-pause'])).stdout;
    await expect.poll(store, { timeout: 15_000 }).toBe('');
  });

  it('a sandbox whose network fails says so, leaves nothing, and runs once the cause is gone', async () => {
    const conflist = join(node.cniConfDir, '10-flannel.conflist');
    const good = readFileSync(conflist, 'utf8');
    const config = sandboxConfig();
    await writeFile(conflist, good.replace('"host-local"', '"no-such-plugin"'));
    await expect(runtime.runPodSandbox(config)).rejects.toMatchObject({ code: 'NetworkError', message: expect.stringContaining('no-such-plugin') });
    await writeFile(conflist, good);
    expect(await node.ctr('containers', 'list', '--quiet')).toBe('');
    expect(await ipLeases(node)).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(node.stateDir);
    expect((await runtime.podSandboxStatus(await runtime.runPodSandbox(config))).state).toBe('SANDBOX_READY');
  });

  it('[A1] runs a pod whose earlier nerdctl was killed in the middle', async () => {
    for (const afterMs of [20, 60, 100, 140]) {
      const config = sandboxConfig();
      const name = `${config.metadata.uid}-0-pause`;
      const half = execa(join(node.toolchainDir, 'bin/nerdctl'), [
        '--address', node.address, '--namespace', node.namespace, '--data-root', node.nerdctlDataRoot,
        '--cni-netconfpath', node.cniConfDir, '--cni-path', node.cniBinDir, 'run', '-d', '--pull', 'never', '--net', 'flannel',
        '--label', 'podling.io/kind=sandbox', '--name', name, images.pause,
      ], { timeout: afterMs, killSignal: 'SIGKILL', reject: false });
      await half;
      const id = await eventually('the sandbox runs', () => runtime.runPodSandbox(config).catch(() => undefined));
      expect((await runtime.podSandboxStatus(id)).state).toBe('SANDBOX_READY');
      await runtime.removePodSandbox(id);
    }
    await eventually('every IP is given back', async () => (await ipLeases(node)).length === 0);
  });

  it('a new runtime gives back the address of a container that containerd does not know, and of no other', async () => {
    await start('sleep 600');
    const [held = ''] = await ipLeases(node);
    const lost = held.replace(/\d+$/, '250');
    const foreign = held.replace(/\d+$/, '251');
    const lease = (ip: string, holder: string) => writeFile(join(node.folder, 'ipam/flannel', ip), `${holder}\r\neth0`);
    await lease(lost, `${node.namespace}-${'0'.repeat(64)}`);
    await lease(foreign, `other-${'0'.repeat(64)}`);
    await runtime.close();
    runtime = runtimeOn(node, images.pause);
    await eventually('the lost address is free', async () => !(await ipLeases(node)).includes(lost));
    expect((await ipLeases(node)).toSorted()).toEqual([held, foreign].toSorted());
    await rm(join(node.folder, 'ipam/flannel', foreign));
  });

  it('[E5] a new runtime finds what an earlier one started, and what ended in between', async () => {
    const running = await start('sleep 600');
    const ending = await start('until [ -e /dev/shm/go ]; do sleep 0.05; done; echo last words; exit 5');
    const before = await runtime.containerStatus(running.id);
    const { pid } = await runtime.podSandboxStatus(ending.sandboxId);
    await runtime.close();
    await execa('nsenter', ['-t', String((await taskPid(ending.id)) ?? pid), '-m', 'touch', '/dev/shm/go']);
    await eventually('the process has ended', async () => (await taskStatus(ending.id)) === 'STOPPED');
    runtime = runtimeOn(node, images.pause);
    await eventsStarted(runtime);
    expect(await runtime.containerStatus(running.id)).toEqual(before);
    expect(await runtime.containerStatus(ending.id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 5, reason: 'Error' });
    await eventually('the stopped task is deleted', async () => (await taskStatus(ending.id)) === undefined);
    expect(await runtime.containerStatus(ending.id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 5, reason: 'Error' });
    expect(logText(ending.logPath)).toEqual(['last words']);
  });

  it('[E5] containerd killed and started again: containers keep their PIDs, an exit meanwhile is not lost', async () => {
    const running = await start('sleep 600');
    const ending = await start('sleep 600');
    const before = await runtime.containerStatus(running.id);
    const { pid } = await runtime.containerStatus(ending.id);
    const aborting = new AbortController();
    const lost = runtime.events(aborting.signal)[Symbol.asyncIterator]().next().catch((error: unknown) => error);
    await node.killContainerd();
    expect(await lost).toMatchObject({ code: 'Unavailable' });
    expect((await runtime.status()).conditions).toContainEqual(expect.objectContaining({ type: 'RuntimeReady', status: false }));
    process.kill(pid, 'SIGKILL');
    await node.startContainerd();
    await eventsStarted(runtime);
    expect(await runtime.containerStatus(running.id)).toEqual(before);
    expect(await runtime.containerStatus(ending.id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 137 });
    const { sandboxId } = await start('sleep 600');
    expect((await runtime.podSandboxStatus(sandboxId)).state).toBe('SANDBOX_READY');
  });

  it('a killed pause process makes the sandbox not ready and gives its IP back', async () => {
    const id = await runtime.runPodSandbox(sandboxConfig());
    const { pid } = await runtime.podSandboxStatus(id);
    process.kill(pid, 'SIGKILL');
    await eventually('the sandbox is not ready', async () => (await runtime.podSandboxStatus(id)).state === 'SANDBOX_NOTREADY');
    await eventually('its IP is free', async () => (await ipLeases(node)).length === 0);
  });

  it('logs: no line is lost or doubled when the runtime is away while a container writes 10 MB and ends', async () => {
    const { id, logPath } = await start('until [ -e /dev/shm/go ]; do sleep 0.05; done; i=0; yes $(head -c 92 /dev/zero | tr "\\0" x) | head -n 105000 | cat -n; echo done >&2');
    const pid = (await taskPid(id)) ?? 0;
    await runtime.close();
    await execa('nsenter', ['-t', String(pid), '-m', 'touch', '/dev/shm/go']);
    await eventually('the container has ended without a runtime', async () => (await taskStatus(id)) === 'STOPPED');
    runtime = runtimeOn(node, images.pause);
    await eventsStarted(runtime);
    await eventually('its end is recorded', async () => (await taskStatus(id)) === undefined);
    const numbers = logText(logPath).filter((line) => line !== 'done');
    expect(numbers.length).toBe(105_000);
    expect(numbers.findIndex((line, index) => Number.parseInt(line, 10) !== index + 1)).toBe(-1);
    expect(existsSync(`${logPath}.1`)).toBe(true);
  });

  it('logs: the log process outlives the runtime and serves the next one', async () => {
    await start('sleep 600');
    const pid = logProcessPid();
    await runtime.close();
    runtime = runtimeOn(node, images.pause);
    const { id, logPath } = await start('echo again');
    await eventually('the container has ended', async () => (await runtime.containerStatus(id)).state === 'CONTAINER_EXITED');
    await runtime.removeContainer(id);
    expect(logText(logPath)).toEqual(['again']);
    expect(logProcessPid()).toBe(pid);
  });

  const counting = 'i=0; until [ -e /dev/shm/stop ]; do i=$((i+1)); echo $i; sleep 0.01; done';

  /** What a counting container has written in all, when something is done to the log process in the middle. */
  async function countedThrough(disturb: (pid: number) => void): Promise<number[]> {
    const { id, logPath } = await start(counting);
    await eventually('it writes', () => existsSync(logPath) && logText(logPath).length > 5);
    const before = logProcessPid();
    disturb(before);
    await eventually('another log process is there', () => existsSync(join(node.stateDir, 'log-process.pid')) && logProcessPid() !== before);
    const seen = logText(logPath).length;
    await eventually('it reads on', () => logText(logPath).length > seen + 20);
    await execa('nsenter', ['-t', String((await taskPid(id)) ?? 0), '-m', 'touch', '/dev/shm/stop']);
    await eventually('the container has ended', async () => (await runtime.containerStatus(id)).state === 'CONTAINER_EXITED');
    await runtime.removeContainer(id);
    expect(await isAlive(before)).toBe(false);
    return logText(logPath).map(Number);
  }

  it('logs: a log process ended by SIGTERM is replaced, and no line is lost or doubled', async () => {
    const numbers = await countedThrough((pid) => process.kill(pid, 'SIGTERM'));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('logs: a killed log process is replaced; what it was just writing may be missing, nothing is doubled or out of order', async () => {
    const numbers = await countedThrough((pid) => process.kill(pid, 'SIGKILL'));
    const gaps = numbers.filter((number, index) => number !== (numbers[index - 1] ?? 0) + 1);
    expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(gaps.length).toBeLessThanOrEqual(1);
  });

  it('logs: a log process that hangs is replaced, and the container ends all the same', async () => {
    const { id, logPath } = await start('until [ -e /dev/shm/go ]; do sleep 0.05; done; echo last words');
    const hanging = logProcessPid();
    process.kill(hanging, 'SIGSTOP');
    await execa('nsenter', ['-t', String((await taskPid(id)) ?? 0), '-m', 'touch', '/dev/shm/go']);
    await eventually('the container has ended', async () => (await runtime.containerStatus(id)).state === 'CONTAINER_EXITED');
    await runtime.removeContainer(id);
    expect(logText(logPath)).toEqual(['last words']);
    expect(await isAlive(hanging)).toBe(false);
  });

  it('logs: a pod whose log cannot be opened is removed', async () => {
    const { sandboxId, logPath } = await start('sleep 600');
    await rm(join(logPath, '../..'), { recursive: true });
    await writeFile(join(logPath, '../..'), '');
    process.kill(logProcessPid(), 'SIGKILL');
    await runtime.removePodSandbox(sandboxId);
    expect(await node.ctr('tasks', 'list', '--quiet')).toBe('');
  });

  async function taskLine(id: string): Promise<string[] | undefined> {
    const lines = (await node.ctr('tasks', 'list')).split('\n').map((line) => line.split(/\s+/));
    return lines.find(([container]) => container === id);
  }

  async function taskPid(id: string): Promise<number | undefined> {
    const line = await taskLine(id);
    return line === undefined ? undefined : Number(line[1]);
  }

  async function taskStatus(id: string): Promise<string | undefined> {
    return (await taskLine(id))?.[2];
  }
});
