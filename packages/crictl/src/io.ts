import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { inputTerminal } from '@podling/shared/input-terminal';
import type { InputTerminal } from '@podling/shared/input-terminal';
import { systemClock } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';
import { CommandError } from './report.ts';

/** The edge of the process: everything a command reads from or writes to the outside except the runtime and files. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  /** Set when standard input is a terminal. */
  readonly inputTerminal: InputTerminal | undefined;
  /** Standard output is a terminal. */
  readonly outIsTerminal: boolean;
  readonly clock: Clock;
  /** Ctrl-C, or whatever else ends a command from outside. */
  readonly interrupted: AbortSignal;
  /** Standard error is a terminal: what is written there may be taken back. */
  readonly errIsTerminal: boolean;
  /** How wide it is; undefined where that is not known. */
  readonly errColumns: number | undefined;
  out(chunk: string | Uint8Array): void;
  err(chunk: string | Uint8Array): void;
  /** Resolves when the reader of standard output can take more. Fails when it is interrupted meanwhile. */
  flush(): Promise<void>;
}

/** The real process. */
export function processIo(interrupted: AbortSignal): Io {
  const { stdout, stderr, stdin, env } = process;
  return {
    env, stdin, interrupted,
    clock: systemClock,
    errIsTerminal: stderr.isTTY,
    get errColumns() {
      return stderr.columns;
    },
    inputTerminal: inputTerminal(process),
    outIsTerminal: stdout.isTTY,
    out: (chunk) => void stdout.write(chunk),
    err: (chunk) => void stderr.write(chunk),
    flush: () => flush(stdout, interrupted),
  };
}

async function flush(stdout: NodeJS.WriteStream, signal: AbortSignal): Promise<void> {
  try {
    if (stdout.writableNeedDrain) await once(stdout, 'drain', { signal });
    signal.throwIfAborted();
  } catch (cause) {
    throw new CommandError('interrupted', { cause });
  }
}
