import type { Readable } from 'node:stream';
import { systemClock } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';

/** The edge of the process: everything a command reads from or writes to the outside except the runtime and files. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  /** The terminal, when standard input and output are one. */
  readonly terminal: Terminal | undefined;
  readonly clock: Clock;
  /** Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Standard error is a terminal: what is written there may be taken back. */
  readonly errIsTerminal: boolean;
  out(chunk: string | Uint8Array): void;
  err(chunk: string | Uint8Array): void;
  /** Resolves when the reader of standard output can take more. */
  flush(): Promise<void>;
}

export interface Terminal {
  size(): { width: number; height: number };
  /** Calls back at each change of size, until the returned function is called. */
  onResize(changed: () => void): () => void;
  /** Keys arrive one by one and unseen, Ctrl-C too, until the returned function is called. */
  raw(): () => void;
}

/** The real process. */
export function processIo(interrupted: AbortSignal): Io {
  const { stdout, stderr, stdin, env } = process;
  return {
    env, stdin, interrupted,
    clock: systemClock,
    errIsTerminal: stderr.isTTY,
    terminal: stdin.isTTY && stdout.isTTY ? terminalOf(stdin, stdout) : undefined,
    out: (chunk) => void stdout.write(chunk),
    err: (chunk) => void stderr.write(chunk),
    flush: () => (stdout.writableNeedDrain ? new Promise((resolve) => stdout.once('drain', resolve)) : Promise.resolve()),
  };
}

function terminalOf(stdin: typeof process.stdin, stdout: typeof process.stdout): Terminal {
  return {
    size: () => ({ width: stdout.columns, height: stdout.rows }),
    onResize: (changed) => {
      stdout.on('resize', changed);
      return () => void stdout.off('resize', changed);
    },
    raw: () => {
      stdin.setRawMode(true);
      return () => void stdin.setRawMode(false);
    },
  };
}
