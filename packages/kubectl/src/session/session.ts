import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Factory } from '../factory.ts';
import { followTerminal } from '@podling/shared/input-terminal';
import type { Io } from '../io.ts';

export interface SessionRequest {
  /** Of the subresource. */
  path: string;
  command?: readonly string[];
  container: string;
  stdin: boolean;
  /** Standard input is a terminal, and the process gets one. */
  tty: boolean;
  /** Makes the screen be drawn anew. */
  redraws?: boolean;
  /** Typed one after the other they leave the session without ending the process. */
  detachKeys?: Buffer;
  /** Leaves the session too. */
  signal?: AbortSignal;
}

/** What Ctrl-C ends with. */
const INTERRUPTED = 130;

/**
 * Joins the terminal or the standard streams with a process in a container until it ends, or the user leaves.
 * Answers its exit code. The terminal is as it was afterwards, however it ends.
 */
export async function runSession(factory: Factory, request: SessionRequest): Promise<number> {
  const { io } = factory;
  const { path, command, container, stdin, tty } = request;
  const terminal = tty ? await io.inputTerminal() : undefined;
  const { openCommandStream } = await import('@podling/shared/streaming');
  const stream = await openCommandStream(await factory.client(), {
    path, container, stdin, stdout: true, stderr: true, tty, ...(command === undefined ? {} : { command }),
  });
  const leave = terminal === undefined ? () => undefined : followTerminal(terminal, (size) => stream.resize(size), request.redraws);
  const detached = Promise.withResolvers<number>();
  const onAbort = (): void => detached.resolve(INTERRUPTED);
  request.signal?.addEventListener('abort', onAbort, { once: true });
  const input = stdin ? await typedInto(io, request, () => detached.resolve(0)) : undefined;
  try {
    if (input !== undefined && stream.stdin !== undefined) input.pipe(stream.stdin);
    const outputs = Promise.all([copy(stream.stdout, io.streams.stdout), copy(stream.stderr, io.streams.stderr)]);
    return await Promise.race([outputs.then(() => stream.ended), detached.promise]);
  } finally {
    leave();
    request.signal?.removeEventListener('abort', onAbort);
    io.streams.stdin.unpipe().pause();
    stream.close();
  }
}

async function typedInto({ streams }: Io, { tty, detachKeys }: SessionRequest, onDetach: () => void): Promise<Readable> {
  if (!tty || detachKeys === undefined) return streams.stdin;
  const { DetachKeys } = await import('@podling/shared/terminal');
  return streams.stdin.pipe(new DetachKeys(detachKeys, onDetach));
}

/** To the end of `from`; `to` stays open. */
async function copy(from: Readable | undefined, to: Writable): Promise<void> {
  if (from !== undefined) await pipeline(from, to, { end: false });
}
