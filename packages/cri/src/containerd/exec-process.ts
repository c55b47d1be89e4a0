import { join } from 'node:path';
import { CriError } from '../cri.ts';
import type { TerminalSize } from '../cri.ts';
import { ignoreNotFound } from '../not-found.ts';
import { hasNoAnswer, plainMessage } from './containerd-client.ts';
import type { ContainerdClient } from './containerd-client.ts';
import { fifoPaths } from './fifos.ts';
import { isAlive, SIGKILL } from './tasks.ts';
import type { Tasks } from './tasks.ts';

const KILL_TIMEOUT_MS = 20_000;
/** A runtime that works needs milliseconds to say how a container is. */
const ANSWER_MS = 2_000;
/** containerd is asked again after this time when there is no limit. */
const WAIT_MS = 60 * 60 * 1000;

/** A command in a running container: a process of its own, told apart by the name of its folder, which has its FIFOs. */
export class ExecProcess {
  /** `<container>.<exec>`. */
  readonly name: string;
  readonly containerId: string;
  readonly folder: string;
  readonly #execId: string;
  readonly #client: ContainerdClient;
  readonly #tasks: Tasks;
  #exited = false;
  /** Nobody knows of one that an earlier kubelet has left. */
  #hasStdin = true;
  #hasTerminal = true;

  constructor(name: string, execsFolder: string, { client, tasks }: { client: ContainerdClient; tasks: Tasks }) {
    const [containerId = '', execId = ''] = name.split('.');
    this.name = name;
    this.containerId = containerId;
    this.folder = join(execsFolder, name);
    this.#execId = execId;
    this.#client = client;
    this.#tasks = tasks;
  }

  get hasStdin(): boolean {
    return this.#hasStdin;
  }

  /** Its outputs must be read already. Fails with `StartError`, or `InvalidArgument` if the container does not run. */
  async start(process: object, { stdin, terminal }: { stdin: boolean; terminal: boolean }): Promise<void> {
    const paths = fifoPaths(this.folder);
    [this.#hasStdin, this.#hasTerminal] = [stdin, terminal];
    const stdio = { stdin: stdin ? paths.stdin : '', stdout: paths.stdout, stderr: terminal ? '' : paths.stderr, terminal };
    try {
      await this.#tasks.exec(this.containerId, this.#execId, process, stdio).catch(rethrowUnanswered);
    } catch (error) {
      if (hasNoAnswer(error)) throw error;
      await this.#mustRun(error);
      throw new CriError('StartError', plainMessage(error), { cause: error });
    }
  }

  /** The exit code. Fails with `DeadlineExceeded` after `timeoutMs`, with `Unavailable` when nobody can tell. */
  async wait({ timeoutMs, signal }: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<number> {
    for (;;) {
      try {
        const exitCode = await this.#tasks.waitForExec(this.containerId, this.#execId, timeoutMs ?? WAIT_MS, signal);
        this.#exited = true;
        return exitCode;
      } catch (error) {
        if (!hasNoAnswer(error)) await this.#mustRun(error);
        if (!(error instanceof CriError && error.code === 'DeadlineExceeded')) throw error;
        await this.#mustAnswer();
        if (timeoutMs !== undefined) throw error;
      }
    }
  }

  resize(size: TerminalSize): Promise<void> {
    return this.#tasks.resize(this.containerId, size, this.#execId);
  }

  closeStdin(): Promise<void> {
    return this.#tasks.closeStdin(this.containerId, this.#execId);
  }

  /** Kills it if it runs. Fails if containerd cannot be asked. */
  async remove(): Promise<void> {
    try {
      if (!this.#exited) await this.#kill();
      // Until it collects its garbage, a shim keeps its own end of a terminal's stdin open, and with it the terminal and its reader.
      if (this.#hasStdin && this.#hasTerminal) await this.closeStdin();
      await this.#tasks.deleteExec(this.containerId, this.#execId);
    } catch (error) {
      // The container has ended in between, and everything in it.
      if (hasNoAnswer(error) || isAlive(await this.#tasks.get(this.containerId))) throw error;
    }
  }

  async #kill(): Promise<void> {
    try {
      await this.#tasks.kill(this.containerId, SIGKILL, this.#execId);
    } catch (error) {
      if (hasNoAnswer(error)) throw error;
      // It was never started.
      return;
    }
    await ignoreNotFound(this.#tasks.waitForExec(this.containerId, this.#execId, KILL_TIMEOUT_MS));
  }

  async #mustRun(cause: unknown): Promise<void> {
    if (!isAlive(await this.#tasks.get(this.containerId))) throw notRunning(this.containerId, cause);
  }

  /** While the runtime or the container's shim hangs, nobody knows whether the command does. */
  async #mustAnswer(): Promise<void> {
    await this.#client.call('tasks', 'get', { containerId: this.containerId }, { deadlineMs: ANSWER_MS }).catch(rethrowUnanswered);
  }
}

export function notRunning(containerId: string, cause?: unknown): CriError {
  return new CriError('InvalidArgument', `container ${containerId} is not running`, { cause });
}

/** `DeadlineExceeded` is said of the command alone. */
export function rethrowUnanswered(error: unknown): never {
  if (!(error instanceof CriError) || error.code !== 'DeadlineExceeded') throw error;
  throw new CriError('Unavailable', error.message, { cause: error });
}
