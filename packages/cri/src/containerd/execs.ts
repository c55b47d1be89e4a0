import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import type { Clock, Logger } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { ExecRequest, ExecResult, StreamSession } from '../cri.ts';
import type { ContainerdClient } from './containerd-client.ts';
import type { ContainerdContainer } from './containerd-types.ts';
import { ExecOutput } from './exec-output.ts';
import { ExecProcess, rethrowUnanswered } from './exec-process.ts';
import { ExecSession } from './exec-session.ts';
import type { Fifos } from './fifos.ts';
import type { OciSpec } from './oci-spec.ts';
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

/**
 * Commands in running containers, each to its end. The process is like the container's own but for the command: user,
 * environment, folder and capabilities are those of its OCI spec, and runc applies its seccomp profile.
 */
export class Execs {
  readonly #options: ExecsOptions;
  readonly #running = new Set<string>();
  readonly #processes = new Map<string, Promise<OciSpec['process']>>();
  readonly #sessions = new Set<ExecSession>();

  constructor(options: ExecsOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  async run(containerId: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    const process = { ...(await this.#process(containerId)), args: [...command], terminal: false };
    const exec = await this.#make(containerId);
    let [output, exited]: [ExecOutput | undefined, boolean] = [undefined, false];
    try {
      output = new ExecOutput(exec.folder);
      await exec.start(process, { stdin: false, terminal: false });
      const exitCode = await exec.wait(timeoutSeconds === 0 ? {} : { timeoutMs: timeoutSeconds * 1000 }).catch((error: unknown) => rethrowTimeout(error, command, timeoutSeconds));
      await output.drained(this.#options.clock);
      exited = true;
      return { exitCode, stdout: output.stdout.bytes(), stderr: output.stderr.bytes() };
    } finally {
      const cleaning = this.#clean(exec, output).finally(() => output?.close());
      // What a child still holds open takes containerd seconds to close: the answer need not wait for that.
      if (!exited || output?.ended === true) await cleaning;
    }
  }

  async open(containerId: string, request: ExecRequest): Promise<StreamSession> {
    const process = { ...(await this.#process(containerId)), args: [...request.command], terminal: request.tty };
    const exec = await this.#make(containerId);
    const session: ExecSession = new ExecSession({ exec, request, clock: this.#options.clock, remove: () => this.#clean(exec, session) });
    try {
      await session.start(process);
    } catch (error) {
      await session.close();
      throw error;
    }
    this.#sessions.add(session);
    void session.removed.then(() => this.#sessions.delete(session));
    return session;
  }

  /** The container is gone. */
  forget(containerId: string): void {
    this.#processes.delete(containerId);
  }

  /** There is what containerd has not ended yet. */
  get isLeaving(): boolean {
    const { folder } = this.#options;
    return existsSync(folder) && readdirSync(folder).length > 0;
  }

  /** Ends the commands whose kubelet was killed, or that containerd could not be asked to end. */
  async recover(): Promise<void> {
    const left = readdirSync(this.#options.folder).filter((name) => !this.#running.has(name));
    await Promise.all(left.map((name) => this.#clean(new ExecProcess(name, this.#options.folder, this.#options))));
  }

  /** Lets go of every session. */
  async close(): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.close()));
  }

  /** Remembered before it is known: what is forgotten meanwhile stays so. */
  #process(containerId: string): Promise<OciSpec['process']> {
    const known = this.#processes.get(containerId);
    if (known !== undefined) return known;
    const reading = this.#readProcess(containerId).catch(rethrowUnanswered);
    this.#processes.set(containerId, reading);
    reading.catch(() => this.#processes.delete(containerId));
    return reading;
  }

  async #readProcess(containerId: string): Promise<OciSpec['process']> {
    const { container } = await this.#options.client.call<{ container: ContainerdContainer }>('containers', 'get', { id: containerId });
    const { process } = JSON.parse(Buffer.from(container.spec?.value ?? '').toString()) as OciSpec;
    return process;
  }

  async #make(containerId: string): Promise<ExecProcess> {
    const exec = new ExecProcess(`${containerId}.${randomBytes(8).toString('hex')}`, this.#options.folder, this.#options);
    this.#running.add(exec.name);
    try {
      await this.#options.fifos.lend(exec.folder);
      return exec;
    } catch (error) {
      this.#running.delete(exec.name);
      throw error;
    }
  }

  /** Whatever state it is in. If containerd cannot be asked, it will be after its restart: the folder stays for that. */
  async #clean(exec: ExecProcess, outputs?: { readonly ended: boolean }): Promise<void> {
    const { logger, fifos } = this.#options;
    try {
      await exec.remove();
      if (outputs?.ended === true && !exec.hasStdin) fifos.giveBack(exec.folder);
      else fifos.throwAway(exec.folder);
    } catch (error) {
      logger.warn({ err: error, container: exec.containerId }, 'exec not removed yet');
    } finally {
      this.#running.delete(exec.name);
    }
  }
}

function rethrowTimeout(error: unknown, command: readonly string[], timeoutSeconds: number): never {
  if (!(error instanceof CriError) || error.code !== 'DeadlineExceeded') throw error;
  throw new CriError('DeadlineExceeded', `command ${JSON.stringify(command.join(' '))} timed out after ${timeoutSeconds}s`, { cause: error });
}
