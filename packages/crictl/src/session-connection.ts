import type { Duplex } from 'node:stream';
import { CriError } from '@podling/cri';
import type { AttachRequest, ExecRequest, StreamSession } from '@podling/cri';
import type { CallLimits, ContainerEventResponse, CriConnection, ImageMethods, RuntimeMethods, Sent } from '@podling/cri/v1';
import { unlessAborted } from '@podling/shared/util';
import type { Connected } from './connect.ts';
import { CommandError, messageOf } from './report.ts';
import type { Session } from './session.ts';

type Service = 'runtime' | 'image';

const credentials = new Set(['password', 'auth', 'identityToken', 'registryToken']);

/** What is shown while others look on. */
const withoutCredentials = (name: string, value: unknown): unknown => (typeof value === 'string' && value !== '' && credentials.has(name) ? '[redacted]' : value);

/**
 * A connection as commands have it: what is asked ends with Ctrl-C, and the runtime's first answer has to come within
 * `--timeout`. What takes longer later is the work, which has the connection's own deadlines.
 */
export class SessionConnection implements CriConnection {
  readonly #session: Session;
  readonly #connected: Connected;
  readonly #answering = new Map<Service, Promise<void>>();

  constructor(session: Session, connected: Connected) {
    this.#session = session;
    this.#connected = connected;
  }

  runtime<Call extends keyof RuntimeMethods>(call: Call, request: Sent<RuntimeMethods[Call]['request']>, limits?: CallLimits): Promise<RuntimeMethods[Call]['response']> {
    return this.#ask('runtime', call, request, limits, (all) => this.#connected.cri.runtime(call, request, all));
  }

  image<Call extends keyof ImageMethods>(call: Call, request: Sent<ImageMethods[Call]['request']>, limits?: CallLimits): Promise<ImageMethods[Call]['response']> {
    return this.#ask('image', call, request, limits, (all) => this.#connected.cri.image(call, request, all));
  }

  async *events(signal: AbortSignal): AsyncGenerator<ContainerEventResponse> {
    await this.#answers('runtime');
    yield* this.#connected.cri.events(signal);
  }

  exec(containerId: string, request: ExecRequest): Promise<StreamSession> {
    return this.#open(() => this.#connected.cri.exec(containerId, request), (late) => late.close());
  }

  attach(containerId: string, request: AttachRequest): Promise<StreamSession> {
    return this.#open(() => this.#connected.cri.attach(containerId, request), (late) => late.close());
  }

  portForward(sandboxId: string, port: number): Promise<Duplex> {
    return this.#open(() => this.#connected.cri.portForward(sandboxId, port), (late) => late.destroy());
  }

  close(): Promise<void> {
    return this.#connected.cri.close();
  }

  async #ask<Answer>(service: Service, call: string, request: object, limits: CallLimits | undefined, ask: (limits: CallLimits) => Promise<Answer>): Promise<Answer> {
    await this.#answers(service);
    const { io: { interrupted } } = this.#session;
    const signal = limits?.signal === undefined ? interrupted : AbortSignal.any([interrupted, limits.signal]);
    this.#session.say('debug', `${call}Request: ${JSON.stringify(request, withoutCredentials)}`);
    try {
      const answer = await ask({ ...limits, signal });
      this.#session.say('debug', `${call}Response: ${JSON.stringify(answer)}`);
      return answer;
    } catch (error) {
      throw await this.#explained(error);
    }
  }

  async #open<Stream>(open: () => Promise<Stream>, close: (stream: Stream) => unknown): Promise<Stream> {
    await this.#answers('runtime');
    const opening = open();
    try {
      return await unlessAborted(opening, this.#session.io.interrupted);
    } catch (error) {
      void opening.then(close, () => undefined);
      throw await this.#explained(error);
    }
  }

  /** Once for each endpoint. */
  #answers(service: Service): Promise<void> {
    const asked = this.#session.settings.imageEndpoint === undefined ? 'runtime' : service;
    const answering = this.#answering.get(asked) ?? this.#firstAnswer(asked);
    this.#answering.set(asked, answering);
    return answering;
  }

  /** To the call that upstream begins with. */
  async #firstAnswer(service: Service): Promise<void> {
    const { io: { interrupted: signal }, settings: { timeoutMs: deadlineMs } } = this.#session;
    const { cri } = this.#connected;
    try {
      await (service === 'runtime' ? cri.runtime('Version', { version: 'v1' }, { deadlineMs, signal }) : cri.image('ImageFsInfo', {}, { deadlineMs, signal }));
    } catch (error) {
      const why = await this.#explained(error);
      const hint = why instanceof CriError && why.code === 'DeadlineExceeded' ? `: ${this.#connected[service]} is no CRI runtime, or one that hangs: restart it, or take a longer --timeout` : '';
      throw new CommandError(`validate service connection: ${messageOf(why)}${hint}`, { cause: error });
    }
  }

  async #explained(error: unknown): Promise<unknown> {
    if (this.#session.io.interrupted.aborted) return new CommandError('interrupted', { cause: error });
    const isAbsent = error instanceof CriError && ['Unavailable', 'Unimplemented'].includes(error.code);
    return isAbsent ? this.#connected.explain(error) : error;
  }
}
