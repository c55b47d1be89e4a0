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

/** The real process. */
export function processIo(): Io {
  const { stdout, stderr, stdin, env } = process;
  return {
    env,
    terminal: stdout.isTTY ? { columns: stdout.columns } : undefined,
    color: stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
    out: (chunk) => void stdout.write(chunk),
    err: (text) => void stderr.write(text),
    flush: () => drained(stdout),
    readStdin: () => readAll(stdin),
    now: () => Date.now(),
  };
}
