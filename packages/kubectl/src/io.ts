import type { Readable, Writable } from 'node:stream';
import type { InputTerminal } from '@podling/shared/input-terminal';
import { sanitize, sanitizeLog } from '@podling/shared/sanitize';

/** The edge of the process: everything a command reads from or writes to the outside except the apiserver and manifest files. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Set when standard output is a terminal. */
  readonly terminal: { readonly columns: number } | undefined;
  /** Colour is wanted: standard output is a terminal and NO_COLOR is unset. */
  readonly color: boolean;
  /** Text that goes to a terminal keeps its colours and loses all other control over it; bytes pass as they are. */
  out(chunk: string | Uint8Array): void;
  /** Control characters become visible. */
  err(text: string): void;
  /** Resolves when the reader of standard output can take more. */
  flush(): Promise<void>;
  readStdin(): Promise<string>;
  /** The streams as they are, for what passes through. */
  readonly streams: { readonly stdin: Readable; readonly stdout: Writable; readonly stderr: Writable };
  /** Undefined unless standard input is a terminal. */
  inputTerminal(): Promise<InputTerminal | undefined>;
  /** From now on Ctrl-C does not end the process but aborts this. */
  takeInterrupts(): AbortSignal;
  /** Runs a program with our standard streams and environment, `env` besides, and answers its exit status. */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<number>;
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function drained(stdout: NodeJS.WriteStream): Promise<void> {
  if (!stdout.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => stdout.once('drain', resolve));
}

/** Prints bytes as they come; to a terminal as text. */
export async function printStream(io: Io, body: AsyncIterable<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    io.out(io.terminal === undefined ? chunk : decoder.decode(chunk, { stream: true }));
    await io.flush();
  }
}

const INTERRUPTED = 130;
/** The real process; Ctrl-C ends it until somebody takes it. */
export function processIo(): Io {
  const interrupted = new AbortController();
  let end = (): void => process.exit(INTERRUPTED);
  process.on('SIGINT', () => end());
  const { stdout, stderr, env } = process;
  return {
    env,
    terminal: stdout.isTTY ? { columns: stdout.columns } : undefined,
    color: stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
    out: (chunk) => void stdout.write(typeof chunk === 'string' && stdout.isTTY ? sanitizeLog(chunk) : chunk),
    err: (text) => void stderr.write(sanitize(text)),
    flush: () => drained(stdout),
    readStdin: () => readAll(process.stdin),
    // Made when somebody asks: standard input alone takes longer to open than most commands to read their flags.
    get streams() {
      return { stdin: process.stdin, stdout, stderr };
    },
    inputTerminal: async () => (await import('@podling/shared/input-terminal')).inputTerminal(process),
    takeInterrupts: () => {
      end = () => interrupted.abort();
      return interrupted.signal;
    },
    run: async (program, args, more = {}) => (await import('./exec.ts')).runProgram(program, args, { ...env, ...more }),
    now: () => Date.now(),
  };
}
