import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CriError } from '../cri.ts';
import type { Container, ContainerConfig, ContainerFilter, ContainerStats, ContainerStatus, ExecResult, LinuxResources, PodSandboxConfig } from '../cri.ts';
import { LogFolder } from '../log-folder.ts';
import { ignoreNotFound } from '../not-found.ts';
import { nonsense } from './call-errors.ts';
import { container, containerConfigMessage, containerFilterMessage, containerStatus } from './container-messages.ts';
import type { NodeFeatures } from './container-messages.ts';
import type { CriClient } from './cri-client.ts';
import type { RemoteSandboxes } from './remote-sandboxes.ts';
import type { RemoteStatus } from './remote-status.ts';
import { resourcesMessage } from './resource-messages.ts';
import { checkFeatures, needsFeatures } from './runtime-features.ts';
import { containerStats, isMeasured } from './stats-messages.ts';
import { readInfo } from './verbose-info.ts';

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

export class RemoteContainers {
  readonly #client: CriClient;
  readonly #status: RemoteStatus;
  readonly #sandboxes: RemoteSandboxes;
  readonly #node = nodeFeatures();

  constructor(client: CriClient, status: RemoteStatus, sandboxes: RemoteSandboxes) {
    this.#client = client;
    this.#status = status;
    this.#sandboxes = sandboxes;
  }

  async create(podSandboxId: string, config: ContainerConfig, sandboxConfig: PodSandboxConfig): Promise<string> {
    if (needsFeatures(config)) checkFeatures(config, await this.#status.features(), await this.#sandboxes.runtimeHandler(podSandboxId));
    if (sandboxConfig.logDirectory !== '' && config.logPath !== '') makeLogFolder(join(sandboxConfig.logDirectory, config.logPath));
    const message = containerConfigMessage(config, sandboxConfig, this.#node);
    const { containerId } = await this.#client.runtime('CreateContainer', { podSandboxId, config: message, sandboxConfig: await this.#sandboxes.configMessage(sandboxConfig) });
    if (containerId === '') throw nonsense('CreateContainer', 'it has no container id');
    return containerId;
  }

  async start(containerId: string): Promise<void> {
    await this.#client.runtime('StartContainer', { containerId });
  }

  async stop(containerId: string, timeoutSeconds: number): Promise<void> {
    const deadlineMs = this.#client.deadlineMs + timeoutSeconds * 1000;
    await ignoreNotFound(this.#client.runtime('StopContainer', { containerId, timeout: String(Math.max(0, Math.ceil(timeoutSeconds))) }, { deadlineMs }));
  }

  async remove(containerId: string): Promise<void> {
    await ignoreNotFound(this.#client.runtime('RemoveContainer', { containerId }));
  }

  async status(containerId: string): Promise<ContainerStatus> {
    const { status, info: text } = await this.#client.runtime('ContainerStatus', { containerId, verbose: true });
    const info = readInfo(text);
    const sandboxId = info.sandboxId === '' ? await this.#sandboxOf(containerId) : info.sandboxId;
    return containerStatus(status, { ...info, sandboxId });
  }

  async list(filter: ContainerFilter = {}): Promise<Container[]> {
    const { containers } = await this.#client.runtime('ListContainers', { filter: containerFilterMessage(filter) });
    return containers.map(container);
  }

  async stats(containerId: string): Promise<ContainerStats> {
    const { stats } = await this.#client.runtime('ContainerStats', { containerId });
    if (stats !== null && !isMeasured(stats)) throw new CriError('NotFound', `container ${containerId} does not run`);
    return containerStats(stats, 'ContainerStats');
  }

  async listStats({ id = '', podSandboxId = '', labelSelector = {} }: ContainerFilter = {}): Promise<ContainerStats[]> {
    const { stats } = await this.#client.runtime('ListContainerStats', { filter: { id, podSandboxId, labelSelector } });
    return stats.filter(isMeasured).map((one) => containerStats(one, 'ListContainerStats'));
  }

  async updateResources(containerId: string, resources: LinuxResources): Promise<void> {
    // Runtimes take new resources of a container that does not run yet, for its start.
    await this.#mustRun(containerId);
    await this.#client.runtime('UpdateContainerResources', { containerId, linux: resourcesMessage(resources, this.#node) });
  }

  async reopenLog(containerId: string): Promise<void> {
    await this.#client.runtime('ReopenContainerLog', { containerId });
  }

  async execSync(containerId: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    const deadlineMs = timeoutSeconds === 0 ? Infinity : timeoutSeconds * 1000 + this.#client.deadlineMs;
    const { stdout, stderr, exitCode } = await this.#client.runtime('ExecSync', { containerId, cmd: command, timeout: String(Math.ceil(timeoutSeconds)) }, { deadlineMs });
    return { stdout: stdout.subarray(0, MAX_OUTPUT_BYTES), stderr: stderr.subarray(0, MAX_OUTPUT_BYTES), exitCode };
  }

  async #mustRun(containerId: string): Promise<void> {
    const { status } = await this.#client.runtime('ContainerStatus', { containerId, verbose: false });
    if (status?.state !== 'CONTAINER_RUNNING') throw new CriError('InvalidArgument', `container ${containerId} is not running`);
  }

  async #sandboxOf(containerId: string): Promise<string> {
    const found = await this.list({ id: containerId });
    return found[0]?.podSandboxId ?? '';
  }
}

/** CRI leaves the folder of the log to the kubelet. A link in its place is not followed. */
function makeLogFolder(logPath: string): void {
  try {
    LogFolder.of(logPath, { make: true }).close();
  } catch (error) {
    throw new CriError('Unknown', `the folder of the log ${logPath}: ${(error as Error).message}`, { cause: error });
  }
}

function nodeFeatures(cgroups = '/sys/fs/cgroup', appArmor = '/sys/module/apparmor/parameters/enabled'): NodeFeatures {
  return { unified: existsSync(join(cgroups, 'cgroup.controllers')), appArmor: existsSync(appArmor) && readFileSync(appArmor, 'utf8').startsWith('Y') };
}
