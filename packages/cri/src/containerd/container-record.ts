import type { Container, ContainerConfig, ContainerState, ContainerStatus, ContainerUser, LinuxResources } from '../cri.ts';
import type { Task } from './containerd-types.ts';
import { timestampMs } from './containerd-types.ts';

export interface ContainerExit {
  exitCode: number;
  reason: string;
  message: string;
  finishedAtMs: number;
}

/** What the runtime must know of a container that containerd forgets with the task, or never knew. */
export interface ContainerRecord {
  id: string;
  podSandboxId: string;
  config: Pick<ContainerConfig, 'metadata' | 'image' | 'labels' | 'annotations' | 'tty' | 'stdin' | 'stdinOnce'> & Partial<Pick<ContainerConfig, 'mounts'>>;
  imageId: string;
  /** Absolute. */
  logPath: string;
  cgroupsPath: string;
  /** Absent in records of earlier versions. */
  resources?: LinuxResources;
  user?: ContainerUser;
  stopSignal: number;
  createdAtMs: number;
  /** 0 until the task was made. */
  startedAtMs: number;
  exit?: ContainerExit;
}

/** A process whose end nobody saw, for instance over a reboot. */
const lostExit = { exitCode: 255, reason: 'Unknown', message: 'the end of the process was not seen' };

export function containerState(record: ContainerRecord, task: Task | undefined): ContainerState {
  if (record.exit !== undefined || task?.status === 'STOPPED') return 'CONTAINER_EXITED';
  if (task === undefined) return record.startedAtMs === 0 ? 'CONTAINER_CREATED' : 'CONTAINER_EXITED';
  // A shim that does not answer is no news: the container is what it was.
  const isCreated = task.status === 'CREATED' || (task.status === 'UNKNOWN' && record.startedAtMs === 0);
  return isCreated ? 'CONTAINER_CREATED' : 'CONTAINER_RUNNING';
}

/** Whichever process was killed for want of memory, and however the container ended after that: it did not have enough. As containerd's CRI says it. */
export function exitReason(exitCode: number, oomKills: number): string {
  if (oomKills > 0) return 'OOMKilled';
  return exitCode === 0 ? 'Completed' : 'Error';
}

export function exitOf(task: Pick<Task, 'exitStatus' | 'exitedAt'>, oomKills: number, nowMs: number): ContainerExit {
  const finishedAtMs = timestampMs(task.exitedAt) || nowMs;
  return { exitCode: task.exitStatus, reason: exitReason(task.exitStatus, oomKills), message: '', finishedAtMs };
}

export function containerOf(record: ContainerRecord, task: Task | undefined): Container {
  const { metadata, image, labels, annotations } = record.config;
  const state = containerState(record, task);
  const { id, podSandboxId, imageId, createdAtMs } = record;
  return { id, podSandboxId, metadata, image, imageId, state, createdAtMs, labels, annotations };
}

/** `exit` is what is known of the end, where the state says that there was one. */
export function containerStatus(record: ContainerRecord, task: Task | undefined, exit: ContainerExit | undefined): ContainerStatus {
  const container = containerOf(record, task);
  const { state } = container;
  const ended = state === 'CONTAINER_EXITED' ? (exit ?? { ...lostExit, finishedAtMs: record.startedAtMs }) : undefined;
  return {
    ...container,
    startedAtMs: state === 'CONTAINER_CREATED' ? 0 : record.startedAtMs,
    finishedAtMs: ended?.finishedAtMs ?? 0,
    exitCode: ended?.exitCode ?? 0,
    reason: ended?.reason ?? '',
    message: ended?.message ?? '',
    logPath: record.logPath,
    pid: state === 'CONTAINER_RUNNING' ? (task?.pid ?? 0) : 0,
    mounts: record.config.mounts ?? [],
    stdinOnce: record.config.stdinOnce ?? false,
    resources: record.resources ?? {},
    ...(record.user === undefined ? {} : { user: record.user }),
  };
}
