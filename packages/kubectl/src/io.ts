import type { Readable, Writable } from 'node:stream';

/** The terminal that standard input is. */
export interface InputTerminal {
  /** Of the screen, in characters; undefined when standard output is none. */
  size(): { width: number; height: number } | undefined;
  /** Answers what ends the listening. */
  onResize(listener: () => void): () => void;
  /** Hands every key on as it is typed, Ctrl-C too. Answers what undoes it; the end of the process does so as well. */
  raw(): () => void;
}

/** The edge of the process: everything a command reads from or writes to the outside except the apiserver and manifest files. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Set when standard output is a terminal. */
  readonly terminal: { readonly columns: number } | undefined;
  /** Colour is wanted: standard output is a terminal and NO_COLOR is unset. */
  readonly color: boolean;
  out(chunk: string | Uint8Array): void;
  err(text: string): void;
  /** Resolves when the reader of standard output can take more. */
  flush(): Promise<void>;
  readStdin(): Promise<string>;
  /** The streams as they are, for what passes through. */
  readonly streams: { readonly stdin: Readable; readonly stdout: Writable; readonly stderr: Writable };
  /** Set when standard input is a terminal. */
  readonly inputTerminal: InputTerminal | undefined;
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

const INTERRUPTED = 130;
/** What ends a process unless it listens, and by how much its exit status is above 128. */
const endings = { SIGHUP: 1, SIGQUIT: 3, SIGTERM: 15 } as const;

function rawMode(stdin: NodeJS.ReadStream): () => void {
  const restore = (): void => void stdin.setRawMode(false);
  const ends = Object.entries(endings).map(([signal, number]) => [signal, () => process.exit(128 + number)] as const);
  stdin.setRawMode(true);
  process.once('exit', restore);
  for (const [signal, end] of ends) process.once(signal, end);
  return () => {
    restore();
    process.off('exit', restore);
    for (const [signal, end] of ends) process.off(signal, end);
  };
}

function inputTerminal({ stdin, stdout }: NodeJS.Process): InputTerminal | undefined {
  if (!stdin.isTTY) return undefined;
  return {
    size: () => (stdout.isTTY ? { width: stdout.columns, height: stdout.rows } : undefined),
    onResize: (listener) => {
      stdout.on('resize', listener);
      return () => stdout.off('resize', listener);
    },
    raw: () => rawMode(stdin),
  };
}

/** The real process; Ctrl-C ends it until somebody takes it. */
export function processIo(): Io {
  const interrupted = new AbortController();
  let end = (): void => process.exit(INTERRUPTED);
  process.on('SIGINT', () => end());
  const { stdout, stderr, stdin, env } = process;
  return {
    env,
    terminal: stdout.isTTY ? { columns: stdout.columns } : undefined,
    color: stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
    out: (chunk) => void stdout.write(chunk),
    err: (text) => void stderr.write(text),
    flush: () => drained(stdout),
    readStdin: () => readAll(stdin),
    streams: { stdin, stdout, stderr },
    inputTerminal: inputTerminal(process),
    takeInterrupts: () => {
      end = () => interrupted.abort();
      return interrupted.signal;
    },
    run: async (program, args, more = {}) => (await import('./exec.ts')).runProgram(program, args, { ...env, ...more }),
    now: () => Date.now(),
  };
}
