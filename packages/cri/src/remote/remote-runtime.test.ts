import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { FakeClock } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ContainerConfig, ContainerEvent, CriRuntime, PodSandboxConfig } from '../cri.ts';
import { CriError } from '../cri.ts';
import { createRemoteRuntime } from './remote-runtime.ts';
import { scriptedRuntime } from './testing/scripted-runtime.ts';
import type { Script, ScriptedRuntime } from './testing/scripted-runtime.ts';

const logger = createLogger('test', 'silent');
const metadata = { name: 'web', namespace: 'default', uid: 'u', attempt: 0 };

const folder = mkdtempSync(join(tmpdir(), 'podling-remote-'));
const sandboxConfig: PodSandboxConfig = { metadata, hostname: 'web', logDirectory: join(folder, 'pod'), portMappings: [], labels: {}, annotations: {}, cgroupParent: '/kubepods/podu-1' };
const containerConfig: ContainerConfig = {
  metadata: { name: 'main', attempt: 0 }, image: 'web:1', command: [], args: [], workingDir: '', env: [], mounts: [], labels: {}, annotations: {},
  logPath: 'a/b', stdin: false, tty: false, linux: {},
};

let server: ScriptedRuntime;
let clock: FakeClock;
let runtime: CriRuntime;

afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  server = scriptedRuntime({ RuntimeConfig: { linux: { cgroupDriver: 'CGROUPFS' } } });
  await server.start();
  clock = new FakeClock();
  runtime = createRemoteRuntime({ endpoint: server.endpoint, clock, logger });
});
afterEach(async () => {
  await runtime.close();
  server.kill();
});

async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof CriError)) throw new Error(`not a CriError: ${String(error)}`);
  return { code: error.code, message: error.message };
}

describe('remote runtime', () => {
  it.each<[string, Script, (one: CriRuntime) => Promise<unknown>]>([
    ['a sandbox without an id', { RunPodSandbox: {}, ListPodSandbox: {} }, (one) => one.runPodSandbox(sandboxConfig)],
    ['a container without an id', { CreateContainer: {} }, (one) => one.createContainer('s', containerConfig, sandboxConfig)],
    ['no status of a sandbox', { PodSandboxStatus: {} }, (one) => one.podSandboxStatus('s')],
    ['a sandbox without metadata', { PodSandboxStatus: { status: { id: 's' } } }, (one) => one.podSandboxStatus('s')],
    ['no status of a container', { ContainerStatus: {}, ListContainers: {} }, (one) => one.containerStatus('c')],
    ['a container without metadata', { ListContainers: { containers: [{ id: 'c' }] } }, (one) => one.listContainers()],
    ['a container that is nobody\'s', { ListContainers: { containers: [{ metadata: { name: 'main' } }] } }, (one) => one.listContainers()],
    ['stats of nobody', { ListContainerStats: { stats: [{ cpu: { timestamp: '1' } }] } }, (one) => one.listContainerStats()],
    ['no stats of a sandbox', { PodSandboxStats: {} }, (one) => one.podSandboxStats('s')],
    ['an image without an id', { ListImages: { images: [{}] } }, (one) => one.listImages()],
    ['a pull of nothing', { PullImage: {} }, (one) => one.pullImage('web:1')],
    ['no file system', { ImageFsInfo: {} }, (one) => one.imageFsInfo()],
    ['no name', { Version: {} }, (one) => one.version()],
    ['no URL of a stream', { Exec: {} }, (one) => one.exec('c', { command: ['true'], tty: false, stdin: false, stdout: true, stderr: false })],
    ['a URL that is none', { PortForward: { url: 'file:///etc/passwd' } }, (one) => one.portForward('s', 80)],
  ])('says that it makes no sense: %s', async (_, script, call) => {
    Object.assign(server.script, script);
    expect(await failure(call(runtime))).toEqual({ code: 'Unknown', message: expect.stringContaining('makes no sense') as string });
  });

  it('takes states that it has no name for as the worst', async () => {
    server.script.ContainerStatus = { status: { id: 'c', metadata: {}, state: 77, stopSignal: 99, createdAt: '-6795364578871345152' }, info: { info: '{"pid":"many","runtimeSpec":[{}]}' } };
    server.script.ListContainers = { containers: [] };
    server.script.PodSandboxStatus = { status: { id: 's', metadata, state: 77, network: { ip: '10.0.0.1' } }, info: { info: 'not JSON' } };
    expect(await runtime.containerStatus('c')).toMatchObject({ state: 'CONTAINER_UNKNOWN', createdAtMs: 0, pid: 0, podSandboxId: '' });
    expect(await runtime.podSandboxStatus('s')).toMatchObject({ state: 'SANDBOX_NOTREADY', ip: '', pid: 0 });
  });

  it('refuses an answer that would fill the memory', async () => {
    server.script.ExecSync = { stdout: Buffer.alloc(65 * 1024 * 1024) };
    expect(await failure(runtime.execSync('c', ['true'], 1))).toEqual({ code: 'Unknown', message: expect.stringMatching(/^ExecSync: the answer is larger/) as string });
  });

  it('gives up on a runtime that does not answer, call by call', async () => {
    Object.assign(server.script, { StopContainer: 'never', ListContainers: 'never' } satisfies Script);
    const [listing, stopping] = [failure(runtime.listContainers()), failure(runtime.stopContainer('c', 60))];
    await vi.waitFor(() => expect(server.calls).toEqual(expect.arrayContaining(['ListContainers', 'StopContainer']) as string[]));
    await clock.advance(120_000);
    expect(await listing).toEqual({ code: 'DeadlineExceeded', message: 'ListContainers: no answer within 120000 ms' });
    await clock.advance(60_000);
    expect((await stopping).code).toBe('DeadlineExceeded');
  });

  it('ends what is under way when it is closed, and takes nothing more', async () => {
    server.script.ListContainers = 'never';
    const listing = failure(runtime.listContainers());
    await vi.waitFor(() => expect(server.calls).toContain('ListContainers'));
    await runtime.close();
    expect((await listing).code).toBe('Unavailable');
    expect((await failure(runtime.listContainers())).code).toBe('Unavailable');
    expect((await failure(next(runtime.events(new AbortController().signal)))).code).toBe('Unavailable');
  });

  it('says so when nobody is there, and never rejects a status for it', async () => {
    server.kill();
    const message = `no container runtime answers at ${server.endpoint}: start it, or name its own endpoint`;
    expect(await failure(runtime.version())).toEqual({ code: 'Unavailable', message });
    expect(await failure(runtime.listContainers())).toEqual({ code: 'Unavailable', message });
    const { conditions } = await runtime.status();
    expect(conditions.map(({ type, status: ready, reason }) => [type, ready, reason])).toEqual([['RuntimeReady', false, 'RuntimeUnavailable'], ['NetworkReady', false, 'RuntimeUnavailable']]);
  });

  it('works again when the runtime is back', async () => {
    server.script.ListContainers = { containers: [{ id: 'c', podSandboxId: 's', metadata: { name: 'main' } }] };
    expect(await runtime.listContainers()).toHaveLength(1);
    server.kill();
    expect((await failure(runtime.listContainers())).code).toBe('Unavailable');
    await server.start();
    await vi.waitFor(async () => expect(await runtime.listContainers()).toHaveLength(1), { timeout: 10_000, interval: 20 });
  });

  it.each<[string, keyof Script, status, string, (one: CriRuntime) => Promise<unknown>, string]>([
    ['a command that is not there', 'ExecSync', status.UNKNOWN, 'failed to start exec "x": OCI runtime exec failed: exec: "y": executable file not found in $PATH', (one) => one.execSync('c', ['y'], 1), 'StartError'],
    ['a command named as another failure', 'StartContainer', status.UNKNOWN, 'OCI runtime create failed: exec: "/seccomp-image": no such file or directory', (one) => one.startContainer('c'), 'StartError'],
    ['a container that does not run', 'ExecSync', status.UNKNOWN, 'container is in CONTAINER_EXITED state', (one) => one.execSync('c', ['y'], 1), 'InvalidArgument'],
    ['a runtime handler', 'RunPodSandbox', status.UNKNOWN, 'failed to get sandbox runtime: no runtime for "x" is configured', (one) => one.runPodSandbox(sandboxConfig, 'x'), 'InvalidArgument'],
    ['a network', 'RunPodSandbox', status.UNKNOWN, 'rpc error: code = Unknown desc = failed to setup network for sandbox "s": plugin type="x" failed', (one) => one.runPodSandbox(sandboxConfig), 'NetworkError'],
    ['a registry', 'PullImage', status.NOT_FOUND, 'failed to resolve reference "web:1": not found', (one) => one.pullImage('web:1'), 'ImagePull'],
    ['what the kernel says', 'UpdateContainerResources', status.UNKNOWN, 'write memory.limit_in_bytes: device or resource busy', (one) => one.updateContainerResources('c', {}), 'InvalidArgument'],
    ['a start that is not over', 'PullImage', status.UNKNOWN, 'server is not initialized yet', (one) => one.pullImage('web:1'), 'Unavailable'],
    ['no such container', 'ExecSync', status.NOT_FOUND, 'container "c": not found', (one) => one.execSync('c', ['y'], 1), 'NotFound'],
    ['no such call', 'PodSandboxStats', status.UNIMPLEMENTED, 'unknown service runtime.v1.RuntimeService', (one) => one.podSandboxStats('s'), 'Unimplemented'],
  ])('understands the words of a runtime: %s', async (_, call, code, details, ask, expected) => {
    Object.assign(server.script, { ListPodSandbox: {}, ContainerStatus: { status: { id: 'c', metadata: {}, state: 'CONTAINER_RUNNING' } } } satisfies Script, { [call]: { code, details } });
    const { code: actual, message } = await failure(ask(runtime));
    expect(actual).toBe(expected);
    expect(message).toContain(expected === 'Unimplemented' ? 'does not serve CRI v1' : details.replace(/^rpc error: code = Unknown desc = /, ''));
  });

  it('leaves nothing of a sandbox that failed, and keeps the ready one of that name', async () => {
    const failed = { id: 'failed', metadata, state: 'SANDBOX_NOTREADY' };
    const removed: string[] = [];
    Object.assign(server.script, {
      RunPodSandbox: { code: status.UNKNOWN, details: 'failed to setup network' },
      ListPodSandbox: ({ filter }) => (filter?.state?.state === 'SANDBOX_NOTREADY' ? { items: [failed, { ...failed, id: 'other', metadata: { ...metadata, uid: 'v' } }] } : {}),
      StopPodSandbox: {},
      RemovePodSandbox: ({ podSandboxId }) => ({ removed: removed.push(podSandboxId) }),
    } satisfies Script);
    expect((await failure(runtime.runPodSandbox(sandboxConfig))).code).toBe('NetworkError');
    expect(removed).toEqual(['failed']);
  });

  it('asks systemd for its slices, and refuses in silence nothing that the runtime cannot do', async () => {
    let parent: string | undefined;
    Object.assign(server.script, {
      RuntimeConfig: { linux: { cgroupDriver: 'SYSTEMD' } },
      RunPodSandbox: ({ config }) => {
        parent = config?.linux?.cgroupParent;
        return { podSandboxId: 's' };
      },
      Status: {},
      PodSandboxStatus: { status: { id: 's', metadata } },
    } satisfies Script);
    await runtime.runPodSandbox(sandboxConfig);
    expect(parent).toBe('kubepods-podu_1.slice');
    const strict = { ...containerConfig, securityContext: { supplementalGroupsPolicy: 'Strict' as const } };
    expect(await failure(runtime.createContainer('s', strict, sandboxConfig))).toEqual({ code: 'InvalidArgument', message: 'the container runtime has no supplementalGroupsPolicy Strict' });
  });
});

async function next(events: AsyncIterable<ContainerEvent>): Promise<ContainerEvent | undefined> {
  const result = await events[Symbol.asyncIterator]().next();
  return result.done === true ? undefined : result.value;
}

describe('events of a remote runtime', () => {
  const event = { containerId: 'c', containerEventType: 'CONTAINER_STOPPED_EVENT' as const, createdAt: '5000000', podSandboxStatus: { id: 's', metadata } };

  async function reader(at = 0): Promise<ScriptedRuntime['readers'][number]> {
    await vi.waitFor(() => expect(server.readers.length).toBeGreaterThan(at));
    return server.readers[at] as ScriptedRuntime['readers'][number];
  }

  it('reach every reader over one stream, without what CRI had not yet', async () => {
    const { signal } = new AbortController();
    const seen = Promise.all([next(runtime.events(signal)), next(runtime.events(signal))]);
    const stream = await reader();
    stream.write({ ...event, containerEventType: 77 as never });
    stream.write(event);
    expect(await seen).toMatchObject(Array.from({ length: 2 }, () => ({ type: 'CONTAINER_STOPPED_EVENT', containerId: 'c', timestampMs: 5, podSandboxMetadata: metadata })));
    expect(server.readers).toHaveLength(1);
  });

  it('end with "unavailable" when the runtime dies in the middle, and come again', async () => {
    const { signal } = new AbortController();
    const first = failure(next(runtime.events(signal)));
    await reader();
    server.kill();
    expect((await first).code).toBe('Unavailable');
    expect((await failure(next(runtime.events(signal)))).code).toBe('Unavailable');
    await server.start();
    await vi.waitFor(async () => {
      await clock.advance(1_000);
      expect(server.readers.length).toBeGreaterThan(0);
    }, { timeout: 10_000, interval: 20 });
    const again = next(runtime.events(signal));
    (await reader()).write(event);
    expect((await again)?.containerId).toBe('c');
  });

  it('are "unavailable" of a runtime that is only starting', async () => {
    const asked = failure(next(runtime.events(new AbortController().signal)));
    (await reader()).emit('error', { code: status.UNKNOWN, details: 'server is not initialized yet' });
    expect((await asked).code).toBe('Unavailable');
  });

  it('are "unimplemented" of a runtime without them, each time it is asked', async () => {
    const { signal } = new AbortController();
    for (const round of [0, 1]) {
      const asked = failure(next(runtime.events(signal)));
      (await reader(round)).emit('error', { code: status.UNIMPLEMENTED, details: 'method GetContainerEvents not implemented' });
      expect((await asked).code).toBe('Unimplemented');
    }
  });

  it('that make no sense tell the reader to list', async () => {
    const asked = failure(next(runtime.events(new AbortController().signal)));
    (await reader()).write({ ...event, containerId: '' });
    expect(await asked).toEqual({ code: 'Unavailable', message: expect.stringContaining('events may be missing') as string });
  });

  it('that are not read do not fill the memory', async () => {
    const slow = runtime.events(new AbortController().signal)[Symbol.asyncIterator]();
    const quick = runtime.events(new AbortController().signal)[Symbol.asyncIterator]();
    const stream = await reader();
    const count = 10_001;
    for (let index = 0; index < count; index += 1) stream.write({ containerId: 'c', createdAt: '1' });
    for (let index = 0; index < count; index += 1) expect((await quick.next()).value?.containerId).toBe('c');
    const read = async (): Promise<void> => {
      for (let index = 0; index < count; index += 1) await slow.next();
    };
    expect(await failure(read())).toEqual({ code: 'Unavailable', message: expect.stringContaining('were not read') as string });
  });

  it('end with their reader, and leave no timer behind', async () => {
    const aborting = new AbortController();
    const reading = next(runtime.events(aborting.signal));
    await reader();
    aborting.abort();
    expect(await reading).toBeUndefined();
    await runtime.close();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('endpoint', () => {
  it.each([
    ['run/containerd.sock', 'neither unix:///PATH nor tcp://HOST:PORT'],
    ['unix://run/containerd.sock', 'three slashes'],
    [`unix:///${'x'.repeat(107)}`, 'more than 107 bytes'],
    ['tcp://node', 'no HOST:PORT'],
    ['tcp://node:99999', 'no HOST:PORT'],
    ['tcp://192.0.2.1:1', 'takes TLS'],
  ])('%s is refused', (endpoint, message) => {
    expect(() => createRemoteRuntime({ endpoint, logger })).toThrow(expect.objectContaining({ code: 'InvalidArgument', message: expect.stringContaining(message) as string }) as Error);
  });
});
