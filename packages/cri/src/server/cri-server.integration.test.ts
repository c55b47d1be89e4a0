import { mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, credentials, status } from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/grpc-js';
import { createLogger, systemClock } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CriRuntime } from '../cri.ts';
import { createFakeRuntime } from '../fake/index.ts';
import { loadServices } from '../v1/index.ts';
import type { RuntimeMethods, Sent } from '../v1/index.ts';
import { createCriServer } from './cri-server.ts';
import type { CriServer } from './cri-server.ts';
import { protectedly } from './listen-socket.ts';

const IMAGE = 'podling.local/toolbox:1';
const metadata = { name: 'web', namespace: 'default', uid: 'u1', attempt: 0 };

describe('the CRI server', () => {
  let folder: string;
  let socket: string;
  let server: CriServer;
  let client: Client;
  let runtime: CriRuntime;

  const create = (): CriServer => createCriServer({
    runtime,
    listen: `unix://${socket}`,
    urls: { exec: () => 'exec', attach: () => 'attach', portForward: () => 'forward' },
    logger: createLogger('test', 'silent'),
  });

  beforeEach(async () => {
    runtime = createFakeRuntime({ clock: systemClock, images: [IMAGE] });
    folder = mkdtempSync(join(tmpdir(), 'podling-cri-'));
    socket = join(folder, 'cri.sock');
    server = create();
    await server.start();
    client = new Client(`unix:${socket}`, credentials.createInsecure());
  });
  afterEach(async () => {
    client.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  function call<Call extends keyof RuntimeMethods>(name: Call, request: Sent<RuntimeMethods[Call]['request']>): Promise<RuntimeMethods[Call]['response']> {
    const { path, requestSerialize, responseDeserialize } = loadServices().runtime[name] as MethodDefinition<object, object>;
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) => (error ? reject(error) : resolve(response as never)));
    });
  }

  it.each<[keyof RuntimeMethods, object, string]>([
    ['RunPodSandbox', {}, 'config: required'],
    ['RunPodSandbox', { config: { metadata: { ...metadata, uid: '' } } }, 'config.metadata.uid: required'],
    ['RunPodSandbox', { config: { metadata, portMappings: [{ containerPort: 80, hostPort: 70_000 }] } }, 'config.port_mappings[0].host_port: 70000 is not a port'],
    ['RunPodSandbox', { config: { metadata, linux: { securityContext: { namespaceOptions: { usernsOptions: { mode: 'POD' } } } } } }, 'config.linux.security_context.namespace_options.userns_options.mode: user namespaces are not supported'],
    ['CreateContainer', { podSandboxId: 'x', sandboxConfig: { metadata } }, 'config: required'],
    ['CreateContainer', { podSandboxId: 'x', sandboxConfig: { metadata }, config: { metadata: { name: 'a' }, image: { image: IMAGE }, mounts: [{ containerPath: '/a' }] } }, 'config.mounts[0].host_path: required'],
    ['CreateContainer', { podSandboxId: 'x', sandboxConfig: { metadata }, config: { metadata: { name: 'a' }, image: { image: IMAGE }, devices: [{}] } }, 'config.devices: devices are not supported'],
    ['ContainerStatus', {}, 'container_id: required'],
    ['UpdateContainerResources', { containerId: 'x' }, 'linux: required'],
  ])('refuses a bad %s with the field: %j', async (name, request, details) => {
    await expect(call(name, request as never)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT, details });
  });

  it('says what is not there, and that what is to be gone is', async () => {
    await expect(call('ContainerStatus', { containerId: 'none' })).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(call('PodSandboxStatus', { podSandboxId: 'none' })).rejects.toMatchObject({ code: status.NOT_FOUND });
    for (const name of ['StopContainer', 'RemoveContainer'] as const) expect(await call(name, { containerId: 'none' })).toEqual({});
    for (const name of ['StopPodSandbox', 'RemovePodSandbox'] as const) expect(await call(name, { podSandboxId: 'none' })).toEqual({});
  });

  it('runs a pod, whose id may be shortened, and tells its events with statuses', async () => {
    const { path, requestSerialize, responseDeserialize } = loadServices().runtime['GetContainerEvents'] as MethodDefinition<object, object>;
    const events = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {});
    const seen: unknown[] = [];
    events.on('data', (event) => seen.push(event)).on('error', () => undefined);
    await call('Version', {});
    const config = { metadata, logDirectory: '/logs' };
    const { podSandboxId } = await call('RunPodSandbox', { config });
    const { containerId } = await call('CreateContainer', { podSandboxId, sandboxConfig: config, config: { metadata: { name: 'main' }, image: { image: IMAGE }, command: ['true'], logPath: 'main.log' } });
    await call('StartContainer', { containerId: containerId.slice(0, -1) });
    const { status: container } = await call('ContainerStatus', { containerId, verbose: false });
    expect(container).toMatchObject({ id: containerId, state: 'CONTAINER_RUNNING', image: { image: IMAGE } });
    expect((await call('Exec', { containerId, cmd: ['sh'], stdout: true })).url).toBe('exec');
    await expect(call('Exec', { containerId, cmd: ['sh'] })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    await expect.poll(() => seen).toContainEqual(expect.objectContaining({
      containerId, containerEventType: 'CONTAINER_STARTED_EVENT',
      podSandboxStatus: expect.objectContaining({ id: podSandboxId }) as unknown,
      containersStatuses: [expect.objectContaining({ id: containerId, state: 'CONTAINER_RUNNING' })],
    }));
    events.cancel();
  });

  it('gives up a pull with its client, and with itself', async () => {
    const given: AbortSignal[] = [];
    runtime.pullImage = (_reference, { signal } = {}) => new Promise((_, reject) => {
      if (signal) given.push(signal);
      signal?.addEventListener('abort', () => reject(new Error('given up')));
    });
    const { path, requestSerialize, responseDeserialize } = loadServices().image['PullImage'] as MethodDefinition<object, object>;
    const pull = () => client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { image: { image: 'web:1' } }, () => undefined);
    const first = pull();
    await expect.poll(() => given.length).toBe(1);
    first.cancel();
    await expect.poll(() => given[0]?.aborted).toBe(true);
    pull();
    await expect.poll(() => given.length).toBe(2);
    expect(given[1]?.aborted).toBe(false);
    await server.stop();
    expect(given[1]?.aborted).toBe(true);
  });

  it('is nobody else\'s from the first moment on, and leaves nothing beside its socket', async () => {
    expect(readdirSync(folder)).toEqual(['cri.sock']);
    const modes = new Set<number>();
    const at = join(folder, 'late.sock');
    await protectedly(at, (own) => {
      modes.add(statSync(dirname(own)).mode & 0o777);
      return Promise.resolve(writeFileSync(own, ''));
    });
    expect([...modes, statSync(at).mode & 0o777]).toEqual([0o700, 0o600]);
    await expect(protectedly(at, (own) => Promise.resolve(writeFileSync(own, '')))).rejects.toThrow(`another process serves ${at}`);
    expect(readdirSync(folder).sort()).toEqual(['cri.sock', 'late.sock']);
  });

  it('takes the place of a dead server, and not of a living one', async () => {
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    await expect(create().start()).rejects.toThrow(`another process serves ${socket}`);
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => createCriServer({ runtime: createFakeRuntime({ clock: systemClock, images: [] }), listen: file, urls: undefined as never, logger: createLogger('test', 'silent') })).toThrow('not a unix socket');
    await server.stop();
    await leaveSocket(socket);
    server = create();
    await server.start();
    client.close();
    client = new Client(`unix:${socket}`, credentials.createInsecure());
    expect((await call('Version', {})).runtimeApiVersion).toBe('v1');
  });
});

/** As a process that was killed leaves it. */
async function leaveSocket(path: string): Promise<void> {
  const dying = createServer();
  await new Promise<void>((resolve) => dying.listen(`${path}.dying`, resolve));
  renameSync(`${path}.dying`, path);
  await new Promise((resolve) => dying.close(resolve));
}
