import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Factory } from '../factory.ts';

export interface RemoteCommand {
  /** Of the pod's exec. */
  path: string;
  container: string;
  command: readonly string[];
  input?: Readable;
  /** Ends with the command's output. */
  output: Writable;
  errors: Writable;
  signal?: AbortSignal;
}

/** Runs a command beside the user's terminal. Answers its exit code; rejects when the way to it breaks, or `input` or `output` does. */
export async function runRemote(factory: Factory, { path, container, command, input, output, errors, signal }: RemoteCommand): Promise<number> {
  const { openCommandStream } = await import('@podling/shared/streaming');
  const stream = await openCommandStream(await factory.client(), {
    path, container, command, stdin: input !== undefined, stdout: true, stderr: true, tty: false, ...(signal === undefined ? {} : { signal }),
  });
  const stop = (): void => stream.close();
  signal?.addEventListener('abort', stop, { once: true });
  const feeding = Promise.withResolvers<never>();
  if (input !== undefined && stream.stdin !== undefined) {
    // What the command takes no more is no failure: its exit code says what is.
    input.once('error', feeding.reject).pipe(stream.stdin).once('close', () => input.destroy());
  }
  try {
    const outputs = Promise.all([pipeline(stream.stdout as Readable, output), pipeline(stream.stderr as Readable, errors, { end: false })]);
    return await Promise.race([outputs.then(() => stream.ended), feeding.promise]);
  } finally {
    signal?.removeEventListener('abort', stop);
    input?.destroy();
    stream.close();
  }
}
