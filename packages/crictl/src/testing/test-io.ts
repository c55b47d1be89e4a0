import { PassThrough } from 'node:stream';
import type { InputTerminal } from '@podling/shared/input-terminal';
import { systemClock } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';
import type { Io } from '../io.ts';

/** The outside of one command, in memory. */
export class TestIo implements Io {
  readonly env: Record<string, string> = { CRI_CONFIG_FILE: '/nonexistent/crictl.yaml' };
  readonly stdin = new PassThrough();
  readonly clock: Clock;
  inputTerminal: InputTerminal | undefined;
  outIsTerminal = false;
  errIsTerminal = false;
  errColumns: number | undefined;
  readonly #out: Buffer[] = [];
  readonly #err: Buffer[] = [];
  readonly #interrupt = new AbortController();

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
  }

  get stdout(): string {
    return Buffer.concat(this.#out).toString();
  }

  get stderr(): string {
    return Buffer.concat(this.#err).toString();
  }

  get interrupted(): AbortSignal {
    return this.#interrupt.signal;
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#interrupt.abort();
  }

  out(chunk: string | Uint8Array): void {
    this.#out.push(Buffer.from(chunk));
  }

  err(chunk: string | Uint8Array): void {
    this.#err.push(Buffer.from(chunk));
  }

  async flush(): Promise<void> {}
}
