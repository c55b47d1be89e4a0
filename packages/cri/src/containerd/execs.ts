import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { ExecResult } from '../cri.ts';
import { hasNoAnswer, ignoreNotFound, plainMessage } from './containerd-client.ts';
import type { ContainerdClient } from './containerd-client.ts';
import type { ContainerdContainer } from './containerd-types.ts';
import { ExecOutput } from './exec-output.ts';
import { fifoPaths } from './fifos.ts';
import type { Fifos } from './fifos.ts';
import type { OciSpec } from './oci-spec.ts';
import { isAlive, SIGKILL } from './tasks.ts';
import type { Tasks } from './tasks.ts';

export interface ExecsOptions {
  client: ContainerdClient;
  tasks: Tasks;
  fifos: Fifos;
  /** Holds a folder per command that runs, `<container>.<exec>`: what a kubelet that is killed leaves to the next one. */
  folder: string;
  clock: Clock;
  logger: Logger;
}

const KILL_TIMEOUT_MS = 20_000;
/** A runtime that works needs milliseconds to say how a container is. */
const ANSWER_MS = 2_000;
/** containerd is asked again after this time when there is no limit. */
const WAIT_MS = 60 * 60 * 1000;

interface Place {
  /** `<container>.<exec>`. */
  name: string;
  containerId: string;
  execId: string;
  /** Has the FIFOs. */
  folder: string;
}

interface Exec extends Place {
  output: ExecOutput;
  exited: boolean;
}

/**
 * Commands in running containers, each to its end. The process is like the container's own but for the command: user,
 * environment, folder and capabilities are those of its OCI spec, and runc applies its seccomp profile.
 */
export class Execs {
  readonly #options: ExecsOptions;
  readonly #running = new Set<string>();
  readonly #processes = new Map<string, Promise<OciSpec['process']>>();

  constructor(options: ExecsOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  async run(containerId: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    const process = { ...(await this.#process(containerId).catch(rethrowUnanswered)), args: [...command], terminal: false };
    const exec = await this.#make(containerId);
    try {
      await this.#start(exec, process).catch(rethrowUnanswered);
      const exitCode = await this.#wait(exec, command, timeoutSeconds);
      await exec.output.drained(this.#options.clock);
      exec.exited = true;
      return { exitCode, stdout: exec.output.stdout.bytes(), stderr: exec.output.stderr.bytes() };
    } finally {
      const cleaning = this.#clean(exec);
      // What a child still holds open takes containerd seconds to close: the answer need not wait for that.
      if (!exec.exited || exec.output.ended) await cleaning;
    }
  }

  /** The container is gone. */
  forget(containerId: string): void {
    this.#processes.delete(containerId);
  }

  /** Ends the commands whose kubelet was killed, or that containerd could not be asked to end. */
  async recover(): Promise<void> {
    const left = readdirSync(this.#options.folder).filter((name) => !this.#running.has(name));
    await Promise.all(left.map((name) => this.#clean(this.#place(name))));
  }

  /** Remembered before it is known: what is forgotten meanwhile stays so. */
  #process(containerId: string): Promise<OciSpec['process']> {
    const known = this.#processes.get(containerId);
    if (known !== undefined) return known;
    const reading = this.#readProcess(containerId);
    this.#processes.set(containerId, reading);
    reading.catch(() => this.#processes.delete(containerId));
    return reading;
  }

  async #readProcess(containerId: string): Promise<OciSpec['process']> {
    const { container } = await this.#options.client.call<{ container: ContainerdContainer }>('containers', 'get', { id: containerId });
    const { process } = JSON.parse(Buffer.from(container.spec?.value ?? '').toString()) as OciSpec;
    return process;
  }

  #place(name: string): Place {
    const [containerId = '', execId = ''] = name.split('.');
    return { name, containerId, execId, folder: join(this.#options.folder, name) };
  }

  async #make(containerId: string): Promise<Exec> {
    const place = this.#place(`${containerId}.${randomBytes(8).toString('hex')}`);
    this.#running.add(place.name);
    try {
      await this.#options.fifos.lend(place.folder);
      return { ...place, output: new ExecOutput(place.folder), exited: false };
    } catch (error) {
      rmSync(place.folder, { recursive: true, force: true });
      this.#running.delete(place.name);
      throw error;
    }
  }

  async #start({ containerId, execId, folder }: Exec, process: object): Promise<void> {
    const { tasks } = this.#options;
    try {
      await tasks.exec(containerId, execId, process, { stdin: '', ...fifoPaths(folder), terminal: false });
    } catch (error) {
      if (hasNoAnswer(error)) throw error;
      if (!isAlive(await tasks.get(containerId))) throw notRunning(containerId, error);
      throw new CriError('StartError', plainMessage(error), { cause: error });
    }
  }

  async #wait({ containerId, execId }: Exec, command: readonly string[], timeoutSeconds: number): Promise<number> {
    const { tasks } = this.#options;
    for (;;) {
      try {
        return await tasks.waitForExec(containerId, execId, timeoutSeconds === 0 ? WAIT_MS : timeoutSeconds * 1000);
      } catch (error) {
        if (!hasNoAnswer(error) && !isAlive(await tasks.get(containerId))) throw notRunning(containerId, error);
        if (!(error instanceof CriError && error.code === 'DeadlineExceeded')) throw error;
        await this.#mustAnswer(containerId);
        if (timeoutSeconds > 0) throw timedOut(command, timeoutSeconds, error);
      }
    }
  }

  /** While the runtime or the container's shim hangs, nobody knows whether the command does. */
  async #mustAnswer(containerId: string): Promise<void> {
    await this.#options.client.call('tasks', 'get', { containerId }, { deadlineMs: ANSWER_MS }).catch(rethrowUnanswered);
  }

  /** Whatever state it is in. If containerd cannot be asked, it will be after its restart: the folder stays for that. */
  async #clean(exec: Place | Exec): Promise<void> {
    const { logger } = this.#options;
    const output = 'output' in exec ? exec.output : undefined;
    try {
      await this.#remove(exec);
      output?.close();
      if (output?.ended === true) this.#options.fifos.giveBack(exec.folder);
      else rmSync(exec.folder, { recursive: true, force: true });
    } catch (error) {
      output?.close();
      logger.warn({ err: error, container: exec.containerId }, 'exec not removed yet');
    } finally {
      this.#running.delete(exec.name);
    }
  }

  async #remove(exec: Place | Exec): Promise<void> {
    const { tasks } = this.#options;
    const { containerId, execId } = exec;
    try {
      if (!('exited' in exec && exec.exited)) await this.#kill(containerId, execId);
      await tasks.deleteExec(containerId, execId);
    } catch (error) {
      // The container has ended in between, and everything in it.
      if (hasNoAnswer(error) || isAlive(await tasks.get(containerId))) throw error;
    }
  }

  async #kill(containerId: string, execId: string): Promise<void> {
    const { tasks } = this.#options;
    try {
      await tasks.kill(containerId, SIGKILL, execId);
    } catch (error) {
      if (hasNoAnswer(error)) throw error;
      // It was never started.
      return;
    }
    await ignoreNotFound(tasks.waitForExec(containerId, execId, KILL_TIMEOUT_MS));
  }
}

export function notRunning(containerId: string, cause?: unknown): CriError {
  return new CriError('InvalidArgument', `container ${containerId} is not running`, { cause });
}

/** `DeadlineExceeded` is said of the command alone. */
function rethrowUnanswered(error: unknown): never {
  if (!(error instanceof CriError) || error.code !== 'DeadlineExceeded') throw error;
  throw new CriError('Unavailable', error.message, { cause: error });
}

function timedOut(command: readonly string[], timeoutSeconds: number, cause: unknown): CriError {
  return new CriError('DeadlineExceeded', `command ${JSON.stringify(command.join(' '))} timed out after ${timeoutSeconds}s`, { cause });
}
