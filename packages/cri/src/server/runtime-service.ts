import type { Clock } from '@podling/shared/util';
import type { AttachRequest, CriRuntime, ExecRequest } from '../cri.ts';
import { unlessNotFound } from '../not-found.ts';
import type * as wire from '../v1/index.ts';
import type { RuntimeMethods, Sent } from '../v1/index.ts';
import { containerInfo, containerMessage, containerStatusMessage } from './container-answers.ts';
import { containerConfig, containerFilter } from './container-requests.ts';
import { nanoseconds } from './figures.ts';
import { invalid, number, required } from './invalid-field.ts';
import { KnownIds } from './known-ids.ts';
import { linuxResources } from './resource-messages.ts';
import { podSandboxMessage, podSandboxStatusMessage, sandboxInfo } from './sandbox-answers.ts';
import { podSandboxConfig, sandboxFilter } from './sandbox-requests.ts';
import { containerStatsMessage, podSandboxStatsMessage } from './stats-answers.ts';

/** Where a client finds the streams that it asked for. */
export interface StreamUrls {
  exec(containerId: string, request: ExecRequest): string;
  attach(containerId: string, request: AttachRequest): string;
  portForward(sandboxId: string, ports: readonly number[]): string;
}

/** `signal` aborts when the client gives up or the server ends. */
export type Handlers<Methods extends Record<keyof Methods, { request: unknown; response: unknown }>> = {
  [Call in keyof Methods]: (request: Methods[Call]['request'], signal: AbortSignal) => Promise<Sent<Methods[Call]['response']>>;
};

const API_VERSION = 'v1';

/** The unary calls of CRI's RuntimeService over any runtime. Ids may be shortened; nothing is kept between two calls. */
export function runtimeHandlers(runtime: CriRuntime, urls: StreamUrls, clock: Clock): Handlers<RuntimeMethods> {
  return { ...generalHandlers(runtime), ...sandboxHandlers(runtime, clock), ...containerHandlers(runtime), ...streamHandlers(runtime, urls), ...statsHandlers(runtime) };
}

type Some<Calls extends keyof RuntimeMethods> = Pick<Handlers<RuntimeMethods>, Calls>;

function generalHandlers(runtime: CriRuntime): Some<'Version' | 'Status' | 'RuntimeConfig' | 'UpdateRuntimeConfig'> {
  return {
    Version: async () => {
      const { runtimeName, runtimeVersion } = await runtime.version();
      return { version: '0.1.0', runtimeName, runtimeVersion, runtimeApiVersion: API_VERSION };
    },
    Status: async () => {
      const { conditions, runtimeHandlers: handlers, features } = await runtime.status();
      return { status: { conditions }, runtimeHandlers: handlers, ...(features === undefined ? {} : { features }) };
    },
    RuntimeConfig: async () => ({ linux: { cgroupDriver: (await runtime.runtimeConfig()).cgroupDriver === 'systemd' ? 'SYSTEMD' : 'CGROUPFS' } }),
    // The pod network's configuration is on the node already.
    UpdateRuntimeConfig: async () => ({}),
  };
}

function sandboxHandlers(runtime: CriRuntime, clock: Clock): Some<'RunPodSandbox' | 'StopPodSandbox' | 'RemovePodSandbox' | 'PodSandboxStatus' | 'ListPodSandbox' | 'UpdatePodSandboxResources'> {
  const ids = new KnownIds(runtime);
  return {
    RunPodSandbox: async ({ config, runtimeHandler }) => ({ podSandboxId: await runtime.runPodSandbox(podSandboxConfig(config, 'config'), runtimeHandler) }),
    StopPodSandbox: async ({ podSandboxId }) => done(runtime.stopPodSandbox(await ids.sandbox(podSandboxId))),
    RemovePodSandbox: async ({ podSandboxId }) => done(runtime.removePodSandbox(await ids.sandbox(podSandboxId))),
    PodSandboxStatus: async ({ podSandboxId, verbose }) => {
      const status = await runtime.podSandboxStatus(await ids.sandbox(podSandboxId));
      const containers = await runtime.listContainers({ podSandboxId: status.id });
      const statuses = await Promise.all(containers.map(({ id }) => unlessNotFound(runtime.containerStatus(id))));
      return {
        status: podSandboxStatusMessage(status),
        containersStatuses: statuses.filter((one) => one !== undefined).map(containerStatusMessage),
        timestamp: nanoseconds(clock.now()),
        ...(verbose ? { info: sandboxInfo(status) } : {}),
      };
    },
    ListPodSandbox: async ({ filter }) => {
      const id = filter === null || filter.id === '' ? {} : { id: await ids.sandbox(filter.id) };
      return { items: (await runtime.listPodSandboxes({ ...sandboxFilter(filter), ...id })).map(podSandboxMessage) };
    },
    // The pod's own cgroup is its caller's.
    UpdatePodSandboxResources: async ({ podSandboxId }) => done(runtime.podSandboxStatus(await ids.sandbox(podSandboxId))),
  };
}

function containerHandlers(
  runtime: CriRuntime,
): Some<'CreateContainer' | 'StartContainer' | 'StopContainer' | 'RemoveContainer' | 'ListContainers' | 'ContainerStatus' | 'UpdateContainerResources' | 'ReopenContainerLog'> {
  const ids = new KnownIds(runtime);
  return {
    CreateContainer: async ({ podSandboxId, config, sandboxConfig }) => {
      const sandbox = podSandboxConfig(sandboxConfig, 'sandbox_config');
      return { containerId: await runtime.createContainer(await ids.sandbox(podSandboxId), containerConfig(config), sandbox) };
    },
    StartContainer: async ({ containerId }) => done(runtime.startContainer(await ids.container(containerId))),
    StopContainer: async ({ containerId, timeout }) => done(runtime.stopContainer(await ids.container(containerId), Math.max(0, number(timeout, 'timeout')))),
    RemoveContainer: async ({ containerId }) => done(runtime.removeContainer(await ids.container(containerId))),
    ListContainers: async ({ filter }) => ({ containers: (await runtime.listContainers(await wholeFilter(ids, filter))).map(containerMessage) }),
    ContainerStatus: async ({ containerId, verbose }) => {
      const status = await runtime.containerStatus(await ids.container(containerId));
      return { status: containerStatusMessage(status), ...(verbose ? { info: containerInfo(status) } : {}) };
    },
    UpdateContainerResources: async ({ containerId, linux }) =>
      done(runtime.updateContainerResources(await ids.container(containerId), linuxResources(required(linux, 'linux'), 'linux'))),
    ReopenContainerLog: async ({ containerId }) => done(runtime.reopenContainerLog(await running(runtime, await ids.container(containerId)))),
  };
}

function streamHandlers(runtime: CriRuntime, urls: StreamUrls): Some<'ExecSync' | 'Exec' | 'Attach' | 'PortForward'> {
  const ids = new KnownIds(runtime);
  return {
    ExecSync: async ({ containerId, cmd, timeout }) => runtime.execSync(await ids.container(containerId), commandOf(cmd), Math.max(0, number(timeout, 'timeout'))),
    Exec: async ({ containerId, cmd, ...streams }) => {
      const request = { command: commandOf(cmd), ...streamsOf(streams) };
      return { url: urls.exec(await running(runtime, await ids.container(containerId)), request) };
    },
    Attach: async ({ containerId, ...streams }) => ({ url: urls.attach(await running(runtime, await ids.container(containerId)), streamsOf(streams)) }),
    PortForward: async ({ podSandboxId, port }) => {
      const { id, state } = await runtime.podSandboxStatus(await ids.sandbox(podSandboxId));
      if (state !== 'SANDBOX_READY') throw invalid('pod_sandbox_id', `sandbox ${id} is not ready`);
      return { url: urls.portForward(id, port) };
    },
  };
}

function statsHandlers(runtime: CriRuntime): Some<'ContainerStats' | 'ListContainerStats' | 'PodSandboxStats' | 'ListPodSandboxStats'> {
  const ids = new KnownIds(runtime);
  return {
    ContainerStats: async ({ containerId }) => ({ stats: containerStatsMessage(await runtime.containerStats(await ids.container(containerId))) }),
    ListContainerStats: async ({ filter }) => {
      const stats = await runtime.listContainerStats(await wholeFilter(ids, filter && { ...filter, state: null }));
      return { stats: stats.map(containerStatsMessage) };
    },
    PodSandboxStats: async ({ podSandboxId }) => ({ stats: podSandboxStatsMessage(await runtime.podSandboxStats(await ids.sandbox(podSandboxId))) }),
    ListPodSandboxStats: async ({ filter }) => {
      const id = filter === null || filter.id === '' ? {} : { id: await ids.sandbox(filter.id) };
      return { stats: (await runtime.listPodSandboxStats({ ...id, labelSelector: filter?.labelSelector ?? {} })).map(podSandboxStatsMessage) };
    },
  };
}

async function wholeFilter(ids: KnownIds, filter: wire.ContainerFilter | null): Promise<ReturnType<typeof containerFilter>> {
  if (filter === null) return {};
  const [id, podSandboxId] = await Promise.all([
    filter.id === '' ? '' : ids.container(filter.id),
    filter.podSandboxId === '' ? '' : ids.sandbox(filter.podSandboxId),
  ]);
  return containerFilter({ ...filter, id, podSandboxId });
}

async function running(runtime: CriRuntime, containerId: string): Promise<string> {
  const { state } = await runtime.containerStatus(containerId);
  if (state !== 'CONTAINER_RUNNING') throw invalid('container_id', `container ${containerId} is in state ${state}, it is not running`);
  return containerId;
}

function commandOf(command: string[]): string[] {
  if (command.length === 0) throw invalid('cmd', 'required');
  return command;
}

function streamsOf({ tty, stdin, stdout, stderr }: Omit<wire.Streams, 'containerId'>): AttachRequest {
  if (!stdin && !stdout && !stderr) throw invalid('stdin', 'one of stdin, stdout and stderr is needed');
  if (tty && stderr) throw invalid('stderr', 'a terminal has none of its own');
  return { tty, stdin, stdout, stderr };
}

async function done(promise: Promise<unknown>): Promise<Record<never, never>> {
  await promise;
  return {};
}
