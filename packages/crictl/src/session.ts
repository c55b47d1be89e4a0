import { CriError } from '@podling/cri';
import type { TlsFiles } from './tls-files.ts';
import type { ContainerdTools } from '@podling/cri/containerd-tools';
import type { CriConnection } from '@podling/cri/v1';
import type { Connected } from './connect.ts';
import type { Io } from './io.ts';
import { CommandError, report } from './report.ts';
import type { Level } from './report.ts';
import { SessionConnection } from './session-connection.ts';
import type { GlobalFlags, Settings } from './settings.ts';

/** Replaces the runtime in tests. */
export type Connect = (settings: Settings, io: Io, streamingTls?: TlsFiles) => Promise<Connected>;

const noContainerd = "this asks containerd's own API: name its socket, --runtime-endpoint native:///run/containerd/containerd.sock or unix:///run/containerd/containerd.sock";

/** What a command needs from outside, made on first use: `crictl completion` asks nobody. */
export class Session {
  readonly io: Io;
  readonly settings: Settings;
  readonly flags: GlobalFlags;
  readonly #connect: Connect;
  #connected: Promise<Connected> | undefined;
  #cri: Promise<CriConnection> | undefined;
  #tools: Promise<ContainerdTools> | undefined;
  #reached: Promise<void> | undefined;

  constructor(io: Io, settings: Settings, flags: GlobalFlags, connect: Connect) {
    this.io = io;
    this.settings = settings;
    this.flags = flags;
    this.#connect = connect;
  }

  cri(streamingTls?: TlsFiles): Promise<CriConnection> {
    return (this.#cri ??= this.connected(streamingTls).then((connected) => new SessionConnection(this, connected)));
  }

  connected(streamingTls?: TlsFiles): Promise<Connected> {
    return (this.#connected ??= this.#connect(this.settings, this.io, streamingTls));
  }

  /** What CRI has no words for. Fails where the runtime is not a containerd on this machine. */
  async tools(): Promise<ContainerdTools> {
    const { tools, runtime } = await this.connected();
    if (tools === undefined) throw new CommandError(noContainerd);
    this.#tools ??= tools();
    const { io: { interrupted: signal }, settings: { timeoutMs: deadlineMs } } = this;
    await (this.#reached ??= (await this.#tools).reach({ deadlineMs, signal }).catch((cause: unknown) => {
      if (signal.aborted) throw new CommandError('interrupted', { cause });
      throw cause instanceof CriError && cause.code === 'Unimplemented' ? new CommandError(`${noContainerd} (${runtime} serves none)`, { cause }) : cause;
    }));
    return this.#tools;
  }

  /** A container's whole id. */
  async containerId(id: string): Promise<string> {
    const { status } = await (await this.cri()).runtime('ContainerStatus', { containerId: id, verbose: false });
    return status?.id ?? id;
  }

  out(text: string | Uint8Array): void {
    this.io.out(text);
  }

  say(level: Level, message: string): void {
    if (level !== 'debug' || this.settings.debug) report(this.io, level, message);
  }

  async close(): Promise<void> {
    const connected = await this.#connected?.catch(() => undefined);
    (await this.#tools?.catch(() => undefined))?.close();
    await connected?.cri.close();
  }
}
