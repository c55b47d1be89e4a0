import { identify, isRunning } from '@podling/shared/process';
import type { ProcessIdentity } from '@podling/shared/process';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { TerminalSize } from '../cri.ts';
import { ignoreNotFound, unlessNotFound } from '../not-found.ts';
import { hasNoAnswer } from './containerd-client.ts';
import type { ContainerdClient } from './containerd-client.ts';
import { jsonAny } from './containerd-types.ts';
import type { SnapshotMount, Task } from './containerd-types.ts';

export const SIGKILL = 9;

const CREATE_DEADLINE_MS = 60_000;
const DELETE_DEADLINE_MS = 30_000;
const RETRY_MS = 100;
const FEW = 16;

export interface TaskStdio {
  rootfs: SnapshotMount[];
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
}

/**
 * containerd's Tasks service: the running side of a container. Of a task that was seen to run the kernel says whether it
 * still does: as long as the very same process lives, nobody else is asked.
 */
export class Tasks {
  readonly #client: ContainerdClient;
  readonly #clock: Clock;
  readonly #deleting = new Map<string, Promise<void>>();
  readonly #running = new Map<string, { task: Task; process: ProcessIdentity }>();

  constructor(client: ContainerdClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async list(): Promise<Map<string, Task>> {
    const { tasks } = await this.#client.call<{ tasks: Task[] }>('tasks', 'list', {});
    const listed = new Map(tasks.map((task) => [task.id, this.#note(task)]));
    for (const id of this.#running.keys()) if (!listed.has(id)) this.#running.delete(id);
    return listed;
  }

  /** Of these containers, perhaps with others. A list asks every shim of the namespace: a few are asked one by one. */
  async of(ids: readonly string[]): Promise<Map<string, Task>> {
    if (ids.filter((id) => this.#living(id) === undefined).length > FEW) return this.list();
    const tasks = await Promise.all(ids.map((id) => this.get(id)));
    return new Map(tasks.filter((task) => task !== undefined).map((task) => [task.id, task]));
  }

  async get(id: string): Promise<Task | undefined> {
    const living = this.#living(id);
    if (living !== undefined) return living;
    const answer = await unlessNotFound(this.#client.call<{ process: Task }>('tasks', 'get', { containerId: id }));
    return answer && this.#note(answer.process);
  }

  /** Makes the process without running it; returns its PID. Blocks until somebody reads the FIFOs. */
  async create(id: string, stdio: TaskStdio): Promise<number> {
    const { pid } = await this.#client.call<{ pid: number }>('tasks', 'create', { containerId: id, ...stdio }, { deadlineMs: CREATE_DEADLINE_MS });
    return pid;
  }

  async start(id: string): Promise<void> {
    const { pid } = await this.#client.call<{ pid: number }>('tasks', 'start', { containerId: id }, { deadlineMs: CREATE_DEADLINE_MS });
    this.#note({ id, pid, status: 'RUNNING', exitStatus: 0, exitedAt: null });
  }

  /** A process that has ended or never was is success. */
  async kill(id: string, signal: number, execId = ''): Promise<void> {
    await ignoreNotFound(this.#client.call('tasks', 'kill', { containerId: id, execId, signal }));
  }

  /** Adds a process to a running container and starts it: an OCI process, told apart by an id of its own. */
  async exec(id: string, execId: string, process: object, stdio: Omit<TaskStdio, 'rootfs'>): Promise<void> {
    await this.#client.call('tasks', 'exec', { containerId: id, execId, ...stdio, spec: jsonAny('Process', process) });
    await this.#client.call('tasks', 'start', { containerId: id, execId }, { deadlineMs: CREATE_DEADLINE_MS });
  }

  /** The exit code of an added process, once it has ended. Fails with `DeadlineExceeded`. */
  async waitForExec(id: string, execId: string, timeoutMs: number, signal?: AbortSignal): Promise<number> {
    const options = { deadlineMs: timeoutMs, ...(signal === undefined ? {} : { signal }) };
    const { exitStatus } = await this.#client.call<{ exitStatus: number }>('tasks', 'wait', { containerId: id, execId }, options);
    return exitStatus;
  }

  /** Of a terminal. One that has ended has no size. */
  async resize(id: string, { width, height }: TerminalSize, execId = ''): Promise<void> {
    await ignoreEnded(this.#client.call('tasks', 'resizePty', { containerId: id, execId, width, height }));
  }

  /** What was written is still read; then the process' stdin is at its end. */
  async closeStdin(id: string, execId = ''): Promise<void> {
    await ignoreEnded(this.#client.call('tasks', 'closeIo', { containerId: id, execId, stdin: true }));
  }

  /** Only for one that has ended. While its children hold its output, containerd takes seconds for this. */
  async deleteExec(id: string, execId: string): Promise<void> {
    await ignoreNotFound(this.#client.call('tasks', 'deleteProcess', { containerId: id, execId }, { deadlineMs: DELETE_DEADLINE_MS }));
  }

  /** Of a running task, by the kernel at once; what is not named stays. */
  async update(id: string, resources: object): Promise<void> {
    await this.#client.call('tasks', 'update', { containerId: id, resources: jsonAny('LinuxResources', resources) });
  }

  /** Only for a task that does not run. Any number of callers at once is fine. */
  delete(id: string): Promise<void> {
    const running = this.#deleting.get(id);
    if (running !== undefined) return running;
    const deleting = this.#delete(id).finally(() => this.#deleting.delete(id));
    this.#deleting.set(id, deleting);
    return deleting;
  }

  async #delete(id: string): Promise<void> {
    this.#running.delete(id);
    try {
      await ignoreNotFound(this.#client.call('tasks', 'delete', { containerId: id }, { deadlineMs: DELETE_DEADLINE_MS }));
    } catch (error) {
      // Another process, nerdctl for one, may have deleted it in the same moment: the shim is gone then.
      if ((await this.get(id)) !== undefined) throw error;
    }
  }

  /** Whether that process was seen to run as the container's: then its end is the task's. */
  wasRunning(id: string, pid: number): boolean {
    return this.#running.get(id)?.process.pid === pid;
  }

  #note(task: Task): Task {
    const process = task.status === 'RUNNING' ? identify(task.pid) : undefined;
    if (process !== undefined) this.#running.set(task.id, { task, process });
    return task;
  }

  #living(id: string): Task | undefined {
    const known = this.#running.get(id);
    return known !== undefined && isRunning(known.process) ? known.task : undefined;
  }

  /** True when the process is gone, false after `timeoutMs`. Rides over a restart of containerd. */
  async waitForExit(id: string, timeoutMs: number): Promise<boolean> {
    const deadline = this.#clock.monotonic() + timeoutMs;
    for (;;) {
      const left = deadline - this.#clock.monotonic();
      if (left <= 0) return false;
      try {
        await this.#client.call('tasks', 'wait', { containerId: id }, { deadlineMs: left });
        return true;
      } catch (error) {
        const code = error instanceof CriError ? error.code : undefined;
        if (code === 'NotFound') return true;
        if (code === 'DeadlineExceeded') return false;
        if (code !== 'Unavailable' && !isShimGone(error)) throw error;
        await this.#clock.sleep(Math.min(RETRY_MS, left));
      }
    }
  }
}

/** Somebody else deleted the task in this moment, and its shim ended over the question. The next one is answered. */
function isShimGone(error: unknown): boolean {
  return error instanceof CriError && error.message.includes('ttrpc: closed');
}

/** What is asked of the streams of a process that is just ending is refused in many words. */
async function ignoreEnded(asked: Promise<unknown>): Promise<void> {
  await asked.catch((error: unknown) => {
    if (hasNoAnswer(error)) throw error;
  });
}

/** A task that has not ended, as far as is known: a shim that does not answer in time says nothing of its process. */
export function isAlive(task: Task | undefined): task is Task {
  return task !== undefined && task.status !== 'STOPPED';
}

/** The PID of a living task. Fails with `Unavailable` while its shim does not answer. */
export function processOf({ id, status, pid }: Task): number {
  if (status === 'UNKNOWN') throw new CriError('Unavailable', `the shim of ${id} does not answer`);
  return pid;
}
