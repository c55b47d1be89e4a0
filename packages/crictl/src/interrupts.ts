/** Standard output takes no more: nothing that is still done is for anybody. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  readonly exitCode: number;

  constructor(cause: NodeJS.ErrnoException) {
    super(`write standard output: ${cause.message}`, { cause });
    // The reader went away (`crictl ps | head -1`): there is nothing to say.
    this.exitCode = cause.code === 'EPIPE' ? 0 : 1;
  }
}

const exitCodes = { SIGINT: 130, SIGTERM: 143 };

/**
 * What ends a command from outside: it ends what it has begun elsewhere, and then itself. The second Ctrl-C or SIGTERM does not
 * wait for that; a terminal that closes says so more than once. Aborts with {@link OutputError} for a standard output that fails.
 */
export function takeInterrupts(process: Pick<NodeJS.Process, 'on' | 'exit' | 'stdout' | 'stderr'>): AbortSignal {
  const interrupt = new AbortController();
  let isAsked = false;
  for (const [signal, exitCode] of Object.entries(exitCodes)) {
    process.on(signal as keyof typeof exitCodes, () => {
      if (isAsked) process.exit(exitCode);
      isAsked = true;
      interrupt.abort();
    });
  }
  process.on('SIGHUP', () => interrupt.abort());
  process.stdout.on('error', (error) => interrupt.abort(new OutputError(error)));
  process.stderr.on('error', () => undefined);
  return interrupt.signal;
}
