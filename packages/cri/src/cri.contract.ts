import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CriError } from './cri.ts';
import type { ContainerConfig, ContainerEvent, ContainerStatus, CriRuntime, PodSandboxConfig } from './cri.ts';
import { logFilePaths } from './log-path.ts';

/** A runtime under test and the ground it stands on. */
export interface CriFixture {
  runtime: CriRuntime;
  images: {
    pause: string;
    /** Has `/bin/sh` and busybox' applets; CMD `/bin/sh`, no ENTRYPOINT. */
    toolbox: string;
    /** ENTRYPOINT `/bin/echo entry`, CMD `cmd`, ENV `FROM_IMAGE=yes`, working directory `/work`. */
    entrypoint: string;
  };
  /** A fresh folder for logs and mounts. */
  folder: string;
  cgroupParent: string;
  cleanup(): Promise<void>;
}

export interface CriContractOptions {
  /** False for a runtime in memory: then what only a process can show is left out. */
  runsProcesses: boolean;
}

const PATIENCE = { timeout: 20_000, interval: 20 };

interface LogLine {
  stream: string;
  tag: string;
  text: string;
}

/** Everything the suite makes is made and found through here, so that each test can leave nothing. */
class Scene {
  readonly fixture: CriFixture;
  readonly sandboxes: string[] = [];

  constructor(fixture: CriFixture) {
    this.fixture = fixture;
  }

  get runtime(): CriRuntime {
    return this.fixture.runtime;
  }

  sandboxConfig(overrides: Partial<PodSandboxConfig> = {}): PodSandboxConfig {
    const uid = randomUUID();
    return {
      metadata: { name: 'web', namespace: 'default', uid, attempt: 0 },
      hostname: 'web',
      logDirectory: join(this.fixture.folder, 'logs', uid),
      portMappings: [],
      labels: { 'io.kubernetes.pod.uid': uid, app: 'web' },
      annotations: { 'example.com/note': 'kept' },
      cgroupParent: this.fixture.cgroupParent,
      ...overrides,
    };
  }

  containerConfig(overrides: Partial<ContainerConfig> = {}): ContainerConfig {
    const metadata = overrides.metadata ?? { name: 'main', attempt: 0 };
    return {
      metadata,
      image: this.fixture.images.toolbox,
      command: ['sleep', '600'], args: [], workingDir: '', env: [], mounts: [], annotations: {},
      labels: { 'io.kubernetes.container.name': metadata.name },
      logPath: join(metadata.name, `${metadata.attempt}.log`),
      stdin: false, tty: false, linux: {},
      ...overrides,
    };
  }

  async run(config: PodSandboxConfig = this.sandboxConfig()): Promise<{ id: string; config: PodSandboxConfig }> {
    const id = await this.runtime.runPodSandbox(config);
    this.sandboxes.push(id);
    return { id, config };
  }

  async start(sandbox: { id: string; config: PodSandboxConfig }, overrides: Partial<ContainerConfig> = {}): Promise<string> {
    const id = await this.runtime.createContainer(sandbox.id, this.containerConfig(overrides), sandbox.config);
    await this.runtime.startContainer(id);
    return id;
  }

  ended(id: string): Promise<ContainerStatus> {
    return vi.waitFor(async () => {
      const status = await this.runtime.containerStatus(id);
      expect(status.state).toBe('CONTAINER_EXITED');
      return status;
    }, PATIENCE);
  }

  /** Runs `sh -c script` to its end in a sandbox of its own, unless one is given. */
  async script(script: string, overrides: Partial<ContainerConfig> = {}, sandbox?: { id: string; config: PodSandboxConfig }): Promise<{ status: ContainerStatus; lines: LogLine[]; text: string }> {
    const home = sandbox ?? (await this.run());
    const id = await this.start(home, { command: ['sh', '-c', script], metadata: { name: `script-${randomUUID().slice(0, 8)}`, attempt: 0 }, ...overrides });
    const status = await this.ended(id);
    const lines = await this.wholeLog(status);
    return { status, lines, text: lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text).join('\n') };
  }

  /** The log once the container's streams have been read to their end: removing the container waits for that. */
  async wholeLog(status: ContainerStatus): Promise<LogLine[]> {
    await this.runtime.removeContainer(status.id);
    return readLog(status.logPath);
  }

  async clear(): Promise<void> {
    for (const id of this.sandboxes.splice(0)) await this.runtime.removePodSandbox(id);
  }
}

function readLog(path: string): LogLine[] {
  const text = logFilePaths(path).filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8')).join('');
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => {
    const [, stream, tag, content] = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z (stdout|stderr) ([FP]) (.*)$/s.exec(line) ?? [];
    if (stream === undefined || tag === undefined || content === undefined) throw new Error(`not a CRI log line: ${line}`);
    return { stream, tag, text: content };
  });
}

async function errorCode(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  return error instanceof CriError ? error.code : `not a CriError: ${String(error)}`;
}

/** The promises of `CriRuntime`, which every implementation keeps. */
export function criContract(name: string, createRuntime: () => Promise<CriFixture>, options: CriContractOptions): void {
  describe(`CRI contract: ${name}`, () => {
    let scene: Scene;

    beforeAll(async () => {
      scene = new Scene(await createRuntime());
    });
    afterEach(() => scene.clear());
    afterAll(() => scene.fixture.cleanup());

    sandboxContract(() => scene);
    containerContract(() => scene);
    eventContract(() => scene);
    imageContract(() => scene);
    if (options.runsProcesses) {
      processContract(() => scene);
      groundContract(() => scene);
      logContract(() => scene);
    }
  });
}

function sandboxContract(scene: () => Scene): void {
  describe('sandbox', () => {
    it('[A1] is ready with an IP and a PID, found by its labels, and carries what it was made of', async () => {
      const { id, config } = await scene().run();
      const status = await scene().runtime.podSandboxStatus(id);
      expect(status).toMatchObject({ id, metadata: config.metadata, labels: config.labels, annotations: config.annotations, state: 'SANDBOX_READY' });
      expect(status.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      expect(status.pid).toBeGreaterThan(0);
      expect(status.createdAtMs).toBeGreaterThan(0);
      const found = await scene().runtime.listPodSandboxes({ labelSelector: { 'io.kubernetes.pod.uid': config.metadata.uid } });
      expect(found.map((sandbox) => sandbox.id)).toEqual([id]);
      expect(await scene().runtime.listPodSandboxes({ labelSelector: { 'io.kubernetes.pod.uid': 'another' } })).toEqual([]);
    });

    it('is stopped and removed any number of times', async () => {
      const { id } = await scene().run();
      await scene().runtime.stopPodSandbox(id);
      await scene().runtime.stopPodSandbox(id);
      expect(await scene().runtime.podSandboxStatus(id)).toMatchObject({ state: 'SANDBOX_NOTREADY', ip: '', pid: 0 });
      await scene().runtime.removePodSandbox(id);
      await scene().runtime.removePodSandbox(id);
      await scene().runtime.stopPodSandbox(id);
      expect(await errorCode(scene().runtime.podSandboxStatus(id))).toBe('NotFound');
      expect(await scene().runtime.listPodSandboxes({ id })).toEqual([]);
    });

    it('[A1] can be run again at once under the same name after its removal', async () => {
      const { id, config } = await scene().run();
      await scene().runtime.removePodSandbox(id);
      const again = await scene().run(config);
      expect(again.id).not.toBe(id);
      expect((await scene().runtime.podSandboxStatus(again.id)).state).toBe('SANDBOX_READY');
    });

    it('does not run twice under one name', async () => {
      const { id, config } = await scene().run();
      await expect(scene().runtime.runPodSandbox(config)).rejects.toBeInstanceOf(CriError);
      expect((await scene().runtime.podSandboxStatus(id)).state).toBe('SANDBOX_READY');
    });

    it('[A1] runs for a pod whose name has 253 characters', async () => {
      const config = scene().sandboxConfig();
      const longName = `${'a'.repeat(250)}.bc`;
      const { id } = await scene().run({ ...config, metadata: { ...config.metadata, name: longName }, hostname: longName.slice(0, 63) });
      expect((await scene().runtime.podSandboxStatus(id)).metadata.name).toBe(longName);
    });

    it('gets addresses of their own when several start at once', async () => {
      const started = await Promise.all([scene().run(), scene().run(), scene().run()]);
      const statuses = await Promise.all(started.map(({ id }) => scene().runtime.podSandboxStatus(id)));
      expect(new Set(statuses.map(({ ip }) => ip)).size).toBe(3);
    });

    it('takes its containers with it', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      await scene().runtime.stopPodSandbox(sandbox.id);
      expect((await scene().runtime.containerStatus(id)).state).toBe('CONTAINER_EXITED');
      await scene().runtime.removePodSandbox(sandbox.id);
      expect(await errorCode(scene().runtime.containerStatus(id))).toBe('NotFound');
    });
  });
}

function containerContract(scene: () => Scene): void {
  describe('container', () => {
    it('[A2] goes from created over running to exited, and is gone when removed', async () => {
      const sandbox = await scene().run();
      const config = scene().containerConfig();
      const id = await scene().runtime.createContainer(sandbox.id, config, sandbox.config);
      expect(await scene().runtime.containerStatus(id)).toMatchObject({ state: 'CONTAINER_CREATED', startedAtMs: 0, finishedAtMs: 0, reason: '' });
      await scene().runtime.startContainer(id);
      const running = await scene().runtime.containerStatus(id);
      expect(running).toMatchObject({ state: 'CONTAINER_RUNNING', metadata: config.metadata, labels: config.labels, image: config.image, podSandboxId: sandbox.id });
      expect(running.pid).toBeGreaterThan(0);
      expect(running.startedAtMs).toBeGreaterThanOrEqual(running.createdAtMs);
      await scene().runtime.stopContainer(id, 0);
      const exited = await scene().runtime.containerStatus(id);
      expect(exited).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 137, reason: 'Error', pid: 0 });
      expect(exited.finishedAtMs).toBeGreaterThanOrEqual(exited.startedAtMs);
      await scene().runtime.removeContainer(id);
      expect(await errorCode(scene().runtime.containerStatus(id))).toBe('NotFound');
    });

    it('is stopped and removed any number of times', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      await scene().runtime.stopContainer(id, 0);
      await scene().runtime.stopContainer(id, 0);
      await scene().runtime.removeContainer(id);
      await scene().runtime.removeContainer(id);
      await scene().runtime.stopContainer(id, 0);
      expect(await scene().runtime.listContainers({ podSandboxId: sandbox.id })).toEqual([]);
    });

    it('is killed by its removal', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      await scene().runtime.removeContainer(id);
      expect(await errorCode(scene().runtime.containerStatus(id))).toBe('NotFound');
    });

    it('starts once', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      expect(await errorCode(scene().runtime.startContainer(id))).toBe('InvalidArgument');
      expect((await scene().runtime.containerStatus(id)).state).toBe('CONTAINER_RUNNING');
    });

    it('[A2] is found by sandbox, label and state', async () => {
      const [sandbox, other] = [await scene().run(), await scene().run()];
      const first = await scene().start(sandbox, { labels: { role: 'first', common: 'yes' } });
      const second = await scene().start(sandbox, { metadata: { name: 'second', attempt: 3 }, labels: { role: 'second', common: 'yes' } });
      await scene().start(other);
      await scene().runtime.stopContainer(second, 0);
      const ids = async (filter: Parameters<CriRuntime['listContainers']>[0]) => (await scene().runtime.listContainers(filter)).map(({ id }) => id).sort();
      expect(await ids({ podSandboxId: sandbox.id })).toEqual([first, second].sort());
      expect(await ids({ podSandboxId: sandbox.id, state: 'CONTAINER_RUNNING' })).toEqual([first]);
      expect(await ids({ labelSelector: { role: 'second', common: 'yes' } })).toEqual([second]);
      expect(await ids({ id: second })).toEqual([second]);
    });

    it('is not made of an image that is not there, and nothing of it remains', async () => {
      const sandbox = await scene().run();
      const config = scene().containerConfig({ image: 'podling.local/absent:1' });
      expect(await errorCode(scene().runtime.createContainer(sandbox.id, config, sandbox.config))).toBe('ImageNotPresent');
      expect(await scene().runtime.listContainers({ podSandboxId: sandbox.id })).toEqual([]);
      await scene().start(sandbox);
    });

    it('is not made in a sandbox that is not ready', async () => {
      const sandbox = await scene().run();
      await scene().runtime.stopPodSandbox(sandbox.id);
      await expect(scene().runtime.createContainer(sandbox.id, scene().containerConfig(), sandbox.config)).rejects.toBeInstanceOf(CriError);
      expect(await scene().runtime.listContainers({ podSandboxId: sandbox.id })).toEqual([]);
    });

    it('fails to start without its binary: exited with 128 and the reason, and the next one starts', async () => {
      const sandbox = await scene().run();
      const config = scene().containerConfig({ command: ['/no/such/binary'] });
      const id = await scene().runtime.createContainer(sandbox.id, config, sandbox.config);
      expect(await errorCode(scene().runtime.startContainer(id))).toBe('StartError');
      const status = await scene().runtime.containerStatus(id);
      expect(status).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 128, reason: 'StartError' });
      expect(status.message).toContain('/no/such/binary');
      expect(status.startedAtMs).toBeGreaterThan(0);
      await scene().start(sandbox, { metadata: { name: 'main', attempt: 1 } });
    });

    it('[A10] has stats while it runs, and a clean "not found" from its end on', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      expect((await scene().runtime.containerStats(id)).metadata.name).toBe('main');
      expect((await scene().runtime.listContainerStats()).map((stats) => stats.id)).toContain(id);
      await scene().runtime.stopContainer(id, 0);
      expect(await errorCode(scene().runtime.containerStats(id))).toBe('NotFound');
      await scene().runtime.removeContainer(id);
      expect(await errorCode(scene().runtime.containerStats(id))).toBe('NotFound');
      expect((await scene().runtime.listContainerStats()).map((stats) => stats.id)).not.toContain(id);
    });
  });
}

function eventContract(scene: () => Scene): void {
  describe('events', () => {
    it('tell of creation, start, stop and deletion of a container and its sandbox, in order', async () => {
      const seen: ContainerEvent[] = [];
      const aborting = new AbortController();
      const reading = (async () => {
        for await (const event of scene().runtime.events(aborting.signal)) seen.push(event);
      })();
      const sandbox = await scene().run();
      const id = await scene().start(sandbox);
      await scene().runtime.stopContainer(id, 0);
      await scene().runtime.removeContainer(id);
      await scene().runtime.removePodSandbox(sandbox.id);
      const types = (of: string) => seen.filter(({ containerId }) => containerId === of).map(({ type }) => type);
      const all = ['CONTAINER_CREATED_EVENT', 'CONTAINER_STARTED_EVENT', 'CONTAINER_STOPPED_EVENT', 'CONTAINER_DELETED_EVENT'];
      await vi.waitFor(() => expect([types(id), types(sandbox.id)]).toEqual([all, all]), PATIENCE);
      expect(seen.find(({ containerId }) => containerId === id)?.podSandboxMetadata).toEqual(sandbox.config.metadata);
      expect(seen.every(({ timestampMs }) => timestampMs > 0)).toBe(true);
      aborting.abort();
      await reading;
    });
  });
}

function imageContract(scene: () => Scene): void {
  describe('images', () => {
    it('[A5] are found by name and by id, and are undefined when they are not there', async () => {
      const image = await scene().runtime.imageStatus(scene().fixture.images.toolbox);
      expect(image?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(image?.repoTags).toContain(scene().fixture.images.toolbox);
      expect(image?.sizeBytes).toBeGreaterThan(0);
      expect(await scene().runtime.imageStatus(image?.id ?? '')).toEqual(image);
      expect(await scene().runtime.imageStatus('podling.local/absent:1')).toBeUndefined();
      expect((await scene().runtime.listImages()).map(({ id }) => id)).toContain(image?.id);
    });

    it('with a name that is none are refused as such', async () => {
      expect(await errorCode(scene().runtime.imageStatus('UPPER/case:1:2'))).toBe('InvalidImageName');
      expect(await errorCode(scene().runtime.pullImage('a b'))).toBe('InvalidImageName');
    });

    it('that cannot be pulled fail with the reason', async () => {
      expect(await errorCode(scene().runtime.pullImage('127.0.0.1:9/absent/image:1'))).toBe('ImagePull');
    });

    it('are removed any number of times', async () => {
      await scene().runtime.removeImage('podling.local/absent:1');
      await scene().runtime.removeImage('podling.local/absent:1');
    });
  });
}

function processContract(scene: () => Scene): void {
  describe('process', () => {
    it.each([
      { title: 'the image says', command: [], args: [], output: 'entry cmd' },
      { title: 'args replace the CMD', command: [], args: ['mine'], output: 'entry mine' },
      { title: 'command replaces the ENTRYPOINT and drops the CMD', command: ['/bin/echo', 'only'], args: [], output: 'only' },
      { title: 'both replace both', command: ['/bin/echo', 'a'], args: ['b'], output: 'a b' },
    ])('[A3] runs what is asked: $title', async ({ command, args, output }) => {
      const { text } = await scene().script('', { image: scene().fixture.images.entrypoint, command, args });
      expect(text).toBe(output);
    });

    it('[A3] gets environment and working directory from the image, over them the container\'s', async () => {
      const image = scene().fixture.images.entrypoint;
      const plain = await scene().script('', { image, command: ['/bin/sh', '-c', 'echo $FROM_IMAGE $PWD'] });
      expect(plain.text).toBe('yes /work');
      const env = [{ name: 'FROM_IMAGE', value: 'no' }, { name: 'MINE', value: 'a=b c' }, { name: 'MINE', value: 'last wins' }];
      const own = await scene().script('', { image, command: ['/bin/sh', '-c', 'echo $FROM_IMAGE $MINE $PWD'], env, workingDir: '/tmp' });
      expect(own.text).toBe('no last wins /tmp');
    });

    it('[A3] sees its mounts, and cannot write to one that is read-only', async () => {
      const hostPath = join(scene().fixture.folder, `mount-${randomUUID()}`);
      mkdirSync(hostPath, { recursive: true });
      writeFileSync(join(hostPath, 'given'), 'from the host');
      const mounts = [{ hostPath, containerPath: '/rw', readonly: false }, { hostPath, containerPath: '/ro', readonly: true }];
      const { text } = await scene().script('cat /ro/given; echo; echo written > /rw/made; cat /ro/made; touch /ro/x 2>/dev/null || echo refused', { mounts });
      expect(text.split('\n')).toEqual(['from the host', 'written', 'refused']);
      expect(readFileSync(join(hostPath, 'made'), 'utf8')).toBe('written\n');
    });

    it.each([
      { script: 'exit 0', exitCode: 0, reason: 'Completed' },
      { script: 'exit 7', exitCode: 7, reason: 'Error' },
      { script: 'sh -c "kill -9 \\$\\$"; exit $?', exitCode: 137, reason: 'Error' },
    ])('[A2] ends with the exit code and a reason: $script', async ({ script, exitCode, reason }) => {
      const { status } = await scene().script(script);
      expect(status).toMatchObject({ exitCode, reason });
    });

    it('[E2] over its memory limit is killed: OOMKilled 137', async () => {
      const script = 'sleep 0.1; x=$(head -c 100000000 /dev/zero | tr "\\0" x); echo ${#x}';
      const { status } = await scene().script(script, { linux: { memoryLimitBytes: 16 * 1024 * 1024 } });
      expect(status).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
    });

    it('[A3] [E2] has its cpu quota, shares and memory limit in its cgroup', async () => {
      const linux = { cpuQuota: 50_000, cpuPeriod: 100_000, cpuShares: 512, memoryLimitBytes: 64 * 1024 * 1024 };
      const { text } = await scene().script(readCgroup, { linux });
      expect(text.split('\n')).toEqual(['50000 100000', '512', String(64 * 1024 * 1024)]);
    });

    it('gets the stop signal and the time to answer it', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox, { command: ['sh', '-c', 'trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done'] });
      const { logPath } = await scene().runtime.containerStatus(id);
      await vi.waitFor(() => expect(readLog(logPath).map(({ text }) => text)).toEqual(['ready']), PATIENCE);
      await scene().runtime.stopContainer(id, 30);
      expect(await scene().runtime.containerStatus(id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 3 });
    });

    it('that ignores the stop signal is killed', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox, { command: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'] });
      await scene().runtime.stopContainer(id, 1);
      expect(await scene().runtime.containerStatus(id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 137 });
    });

    it('[A8] that works shows it in cumulative CPU time and memory', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox, { command: ['sh', '-c', 'while :; do :; done'] });
      const first = await scene().runtime.containerStats(id);
      await vi.waitFor(async () => {
        const later = await scene().runtime.containerStats(id);
        expect(later.cpuUsageNanoSeconds).toBeGreaterThan(first.cpuUsageNanoSeconds + 50_000_000n);
        expect(later.memoryUsageBytes).toBeGreaterThan(0);
        expect(later.memoryWorkingSetBytes).toBeLessThanOrEqual(later.memoryUsageBytes);
      }, PATIENCE);
    });

    it('runs as the user asked for, without capabilities then', async () => {
      const { text } = await scene().script('id -u; id -g; grep CapEff /proc/self/status', { securityContext: { runAsUser: 1234, runAsGroup: 55 } });
      expect(text).toBe('1234\n55\nCapEff:\t0000000000000000');
    });

    it('belongs to the further groups asked for', async () => {
      const { text } = await scene().script('id -G', { securityContext: { runAsUser: 1234, runAsGroup: 55, supplementalGroups: [2000] } });
      expect(text).toBe('55 2000');
    });

    it('has a root file system that is read-only when asked', async () => {
      const { text } = await scene().script('touch /x 2>/dev/null || echo refused', { securityContext: { readonlyRootfs: true } });
      expect(text).toBe('refused');
    });
  });
}

const readCgroup = `
if [ -e /sys/fs/cgroup/cpu.max ]; then
  cat /sys/fs/cgroup/cpu.max; echo 512; cat /sys/fs/cgroup/memory.max
else
  echo $(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us) $(cat /sys/fs/cgroup/cpu/cpu.cfs_period_us)
  cat /sys/fs/cgroup/cpu/cpu.shares
  cat /sys/fs/cgroup/memory/memory.limit_in_bytes
fi`;

function groundContract(scene: () => Scene): void {
  describe('shared ground of a sandbox', () => {
    it('[A4] [E1] containers share network, hostname and /dev/shm, and have mounts and processes of their own', async () => {
      const sandbox = await scene().run(scene().sandboxConfig({ hostname: 'shared-name' }));
      await scene().start(sandbox, { command: ['sh', '-c', 'echo hello > /dev/shm/note; echo mine > /tmp/own; while :; do echo from-web | nc -l -p 8080; done'] });
      const script = 'hostname; until nc -w 1 127.0.0.1 8080 </dev/null; do sleep 0.1; done; cat /dev/shm/note; ls /tmp/own 2>/dev/null || echo absent; echo $$';
      const { text } = await scene().script(script, {}, sandbox);
      expect(text.split('\n')).toEqual(['shared-name', 'from-web', 'hello', 'absent', '1']);
    });

    it('[A7] resolv.conf, hosts and hostname are in place before the process starts', async () => {
      const dns = { servers: ['10.96.0.10', '10.0.0.1'], searches: ['default.svc.cluster.local', 'cluster.local'], options: ['ndots:5'] };
      const sandbox = await scene().run(scene().sandboxConfig({ hostname: 'named', dns }));
      const { ip } = await scene().runtime.podSandboxStatus(sandbox.id);
      const { text } = await scene().script('cat /etc/resolv.conf; cat /etc/hostname; cat /etc/hosts', {}, sandbox);
      const lines = text.split('\n');
      expect(lines.slice(0, 5)).toEqual(['search default.svc.cluster.local cluster.local', 'nameserver 10.96.0.10', 'nameserver 10.0.0.1', 'options ndots:5', 'named']);
      expect(lines).toContain('127.0.0.1\tlocalhost');
      expect(lines).toContain(`${ip}\tnamed`);
    });

    it('[A7] one pod\'s names are not in another\'s hosts file', async () => {
      const first = await scene().run(scene().sandboxConfig({ hostname: 'first-pod' }));
      const second = await scene().run(scene().sandboxConfig({ hostname: 'second-pod' }));
      const seen = [await scene().script('cat /etc/hosts', {}, first), await scene().script('cat /etc/hosts', {}, second)];
      expect(seen.map(({ text }) => [text.includes('first-pod'), text.includes('second-pod')])).toEqual([[true, false], [false, true]]);
    });

    it('a mount over /etc/hosts wins', async () => {
      const hostPath = join(scene().fixture.folder, `hosts-${randomUUID()}`);
      writeFileSync(hostPath, '10.0.0.9 mine\n');
      const { text } = await scene().script('cat /etc/hosts', { mounts: [{ hostPath, containerPath: '/etc/hosts', readonly: false }] });
      expect(text).toBe('10.0.0.9 mine');
    });
  });
}

function logContract(scene: () => Scene): void {
  describe('log', () => {
    it('has stdout and stderr apart, each line whole and in order', async () => {
      const { lines } = await scene().script('for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf "no newline"');
      const of = (stream: string) => lines.filter((line) => line.stream === stream).map(({ text }) => text);
      expect(of('stdout')).toEqual(['out 1', 'out 2', 'out 3', 'no newline']);
      expect(of('stderr')).toEqual(['err 1', 'err 2', 'err 3']);
    });

    it('splits a line at 16 KiB into partial ones', async () => {
      const { lines } = await scene().script('head -c 40000 /dev/zero | tr "\\0" x; echo; echo end');
      expect(lines.map(({ tag, text }) => [tag, text.length])).toEqual([['P', 16384], ['P', 16384], ['F', 7232], ['F', 3]]);
    });

    it('has everything of a container that writes much and ends at once', async () => {
      const { lines } = await scene().script('seq 1 200000');
      expect(lines.length).toBe(200_000);
      expect(lines.every(({ text }, index) => text === String(index + 1))).toBe(true);
    });

    it('goes on in a new file when it is reopened after a rename', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox, { command: ['sh', '-c', 'echo before; until [ -e /dev/shm/go ]; do sleep 0.05; done; echo after'] });
      const { logPath } = await scene().runtime.containerStatus(id);
      await vi.waitFor(() => expect(readLog(logPath).map(({ text }) => text)).toEqual(['before']), PATIENCE);
      const renamed = join(scene().fixture.folder, `renamed-${randomUUID()}.log`);
      renameSync(logPath, renamed);
      await scene().runtime.reopenContainerLog(id);
      await scene().script('touch /dev/shm/go', {}, sandbox);
      const lines = await scene().wholeLog(await scene().ended(id));
      expect(lines.map(({ text }) => text)).toEqual(['after']);
      expect(readLog(renamed).map(({ text }) => text)).toEqual(['before']);
    });
  });
}
