import type { Clock, Timer } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { ContainerConfig, ContainerEvent, ContainerStats, ContainerStatus, PodSandbox, PodSandboxConfig, PodSandboxStats, PodSandboxStatus } from '../cri.ts';
import { EventReaders } from '../event-readers.ts';
import { IpPool } from './ip-pool.ts';

/** What a fake container does by itself. Default: it runs until it is stopped. */
export interface FakeContainerBehaviour {
  /** The process cannot be started: `StartError` with this message. */
  startError?: string;
  /** It ends by itself after so long (0: at once) with `exitCode` (default 0) and `reason`. */
  exitAfterMs?: number;
  exitCode?: number;
  reason?: string;
  /** It waits for SIGKILL. */
  ignoresStopSignal?: boolean;
  /** What a command does in it. Default: it exits with 0 and says nothing. */
  exec?: (command: readonly string[]) => { exitCode?: number; stdout?: string; stderr?: string; hangs?: boolean };
}

export interface SandboxRecord {
  status: PodSandboxStatus;
  config: PodSandboxConfig;
  /** Of one that is not ready and was not stopped yet. */
  heldIp?: string;
}

export interface ContainerRecord {
  status: ContainerStatus;
  config: ContainerConfig;
  behaviour: FakeContainerBehaviour;
  timer: Timer | undefined;
  ended: PromiseWithResolvers<void>;
  stats: Pick<ContainerStats, 'cpuUsageNanoSeconds' | 'memoryUsageBytes'>;
}

export const SIGKILL_EXIT_CODE = 137;

/** Sandboxes and containers of a fake runtime, and what may become of them: CREATED → RUNNING → EXITED, each with its event. */
export class FakeWorld {
  readonly events = new EventReaders();
  readonly ips: IpPool;
  readonly sandboxes = new Map<string, SandboxRecord>();
  readonly containers = new Map<string, ContainerRecord>();
  readonly #clock: Clock;

  constructor(clock: Clock, podCidr: string) {
    this.#clock = clock;
    this.ips = new IpPool(podCidr);
  }

  sandbox(id: string): SandboxRecord {
    const record = this.sandboxes.get(id);
    if (record === undefined) throw new CriError('NotFound', `sandbox ${id} not found`);
    return record;
  }

  container(id: string): ContainerRecord {
    const record = this.containers.get(id);
    if (record === undefined) throw new CriError('NotFound', `container ${id} not found`);
    return record;
  }

  containersOf(sandboxId: string): ContainerRecord[] {
    return [...this.containers.values()].filter((record) => record.status.podSandboxId === sandboxId);
  }

  end(record: ContainerRecord, exitCode: number, reason?: string, message = ''): void {
    if (record.status.state !== 'CONTAINER_RUNNING') return;
    this.finish(record, exitCode, reason ?? (exitCode === 0 ? 'Completed' : 'Error'), message);
  }

  finish(record: ContainerRecord, exitCode: number, reason: string, message: string): void {
    record.timer?.cancel();
    const finishedAtMs = this.#clock.now();
    Object.assign(record.status, { state: 'CONTAINER_EXITED', exitCode, reason, message, finishedAtMs, pid: 0 });
    record.ended.resolve();
    this.emitContainer('CONTAINER_STOPPED_EVENT', record);
  }

  stopSandbox(sandboxId: string): void {
    for (const record of this.containersOf(sandboxId)) this.end(record, SIGKILL_EXIT_CODE, 'Error');
    const sandbox = this.sandboxes.get(sandboxId);
    if (sandbox === undefined) return;
    this.unready(sandbox);
    if (sandbox.heldIp !== undefined) this.ips.release(sandbox.heldIp);
    delete sandbox.heldIp;
  }

  /** It holds its address until it is stopped. */
  unready(sandbox: SandboxRecord): void {
    const { status } = sandbox;
    if (status.state === 'SANDBOX_NOTREADY') return;
    sandbox.heldIp = status.ip;
    Object.assign(status, { state: 'SANDBOX_NOTREADY', ip: '', pid: 0 });
    this.emitSandbox('CONTAINER_STOPPED_EVENT', status);
  }

  remove(record: ContainerRecord): void {
    this.end(record, SIGKILL_EXIT_CODE, 'Error');
    this.containers.delete(record.status.id);
    this.emitContainer('CONTAINER_DELETED_EVENT', record);
  }

  statsOf({ status, stats }: ContainerRecord): ContainerStats {
    const memory = { memoryWorkingSetBytes: stats.memoryUsageBytes, memoryRssBytes: stats.memoryUsageBytes };
    return { id: status.id, metadata: status.metadata, labels: status.labels, timestampMs: this.#clock.now(), ...stats, ...memory };
  }

  /** The sums of its running containers'. */
  sandboxStatsOf({ id, metadata, labels }: PodSandbox): PodSandboxStats {
    const containers = this.containersOf(id).filter(({ status }) => status.state === 'CONTAINER_RUNNING').map((record) => this.statsOf(record));
    const memory = containers.reduce((sum, { memoryUsageBytes }) => sum + memoryUsageBytes, 0);
    return {
      id, metadata, labels, containers, timestampMs: this.#clock.now(),
      cpuUsageNanoSeconds: containers.reduce((sum, { cpuUsageNanoSeconds }) => sum + cpuUsageNanoSeconds, 0n),
      memoryUsageBytes: memory, memoryWorkingSetBytes: memory, memoryRssBytes: memory,
    };
  }

  emitContainer(type: ContainerEvent['type'], { status }: ContainerRecord): void {
    const sandbox = this.sandboxes.get(status.podSandboxId)?.config.metadata;
    this.#emit(type, status.id, sandbox);
  }

  emitSandbox(type: ContainerEvent['type'], status: PodSandboxStatus): void {
    this.#emit(type, status.id, status.metadata);
  }

  #emit(type: ContainerEvent['type'], containerId: string, podSandboxMetadata: PodSandbox['metadata'] | undefined): void {
    const event = { type, containerId, timestampMs: this.#clock.now() };
    this.events.emit(podSandboxMetadata === undefined ? event : { ...event, podSandboxMetadata });
  }
}
