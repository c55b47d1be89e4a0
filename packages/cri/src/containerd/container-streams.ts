import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { AttachRequest, ExecRequest, ExecResult, StreamSession } from '../cri.ts';
import { AttachSession } from './attach-session.ts';
import type { AttachSessionOptions } from './attach-session.ts';
import type { ContainerRecord } from './container-record.ts';
import { notRunning } from './exec-process.ts';
import type { Execs } from './execs.ts';
import { fifoPaths } from './fifos.ts';
import { LogAttachment } from './log-attach.ts';
import type { OutputStream } from './log-process/attach-frames.ts';
import { socketName } from './log-process/protocol.ts';
import { dialNamespace } from './port-forward.ts';
import type { RecordStore } from './record-store.ts';
import type { SandboxService } from './sandbox-service.ts';
import { isAlive } from './tasks.ts';
import type { Tasks } from './tasks.ts';

export interface ContainerStreamsOptions {
  records: RecordStore<ContainerRecord>;
  sandboxes: Pick<SandboxService, 'ground'>;
  tasks: Tasks;
  execs: Execs;
  /** Has the log process' socket. */
  stateDir: string;
  toolchainDir: string;
  /** Into pods' ports, at once. Each has a program of its own. Default 500. */
  maxForwards?: number;
  clock: Clock;
}

const MAX_FORWARDS = 500;

/** Commands in running containers, their own streams, and the ports of their sandboxes. */
export class ContainerStreams {
  readonly #options: ContainerStreamsOptions;
  readonly #open = new Set<{ close(): Promise<void> }>();
  #forwards = 0;

  constructor(options: ContainerStreamsOptions) {
    this.#options = options;
  }

  async execSync(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    this.#started(id);
    return this.#options.execs.run(id, command, timeoutSeconds);
  }

  async exec(id: string, request: ExecRequest): Promise<StreamSession> {
    this.#started(id);
    return this.#options.execs.open(id, request);
  }

  async attach(id: string, request: AttachRequest): Promise<StreamSession> {
    const { tasks, records, stateDir, clock } = this.#options;
    const record = this.#started(id);
    if (!isAlive(await tasks.get(id))) throw notRunning(id);
    const streams: OutputStream[] = [...(request.stdout ? ['stdout' as const] : []), ...(request.stderr && !record.config.tty ? ['stderr' as const] : [])];
    const outputs = streams.length === 0 ? undefined : await LogAttachment.open(join(stateDir, socketName), id, streams, clock);
    const session = attached(id, { record, latest: () => records.get(id), request, outputs, stdinPath: fifoPaths(records.folder(id)).stdin, tasks, clock });
    this.#open.add(session);
    void session.exited.catch(() => undefined).finally(() => this.#open.delete(session));
    return session;
  }

  async portForward(sandboxId: string, port: number): Promise<Duplex> {
    const { sandboxes, maxForwards = MAX_FORWARDS } = this.#options;
    const { pid } = sandboxes.ground(sandboxId);
    if (this.#forwards >= maxForwards) throw new CriError('Unavailable', `${maxForwards} connections into pods of this node are open: no more are made`);
    this.#forwards += 1;
    try {
      return await this.#forward(pid, port);
    } catch (error) {
      this.#forwards -= 1;
      throw error;
    }
  }

  async #forward(pid: number, port: number): Promise<Duplex> {
    const connection = await dialNamespace(join(this.#options.toolchainDir, 'bin/pod-dial'), { pid, port }, this.#options.clock);
    const open = { close: async () => void connection.destroy() };
    this.#open.add(open);
    connection.once('close', () => {
      this.#open.delete(open);
      this.#forwards -= 1;
    });
    return connection;
  }

  /** Lets go of every stream. */
  async close(): Promise<void> {
    await Promise.all([this.#options.execs.close(), ...[...this.#open].map((stream) => stream.close())]);
  }

  #started(id: string): ContainerRecord {
    const record = this.#options.records.get(id);
    if (record === undefined) throw new CriError('NotFound', `container ${id} not found`);
    if (record.startedAtMs === 0 || record.exit !== undefined) throw notRunning(id);
    return record;
  }
}

/** The FIFOs of a container that has ended in this moment are gone. */
function attached(id: string, options: AttachSessionOptions): AttachSession {
  try {
    return new AttachSession(options);
  } catch (error) {
    options.outputs?.close();
    throw notRunning(id, error);
  }
}
