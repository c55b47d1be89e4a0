import { Writable } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { StreamSession } from '@podling/cri';
import { followTerminal } from '@podling/shared/input-terminal';
import type { InputTerminal } from '@podling/shared/input-terminal';
import type { Io } from './io.ts';
import { CommandError } from './report.ts';

/** Of `-t`: a terminal is wanted. Throws without one. */
export function terminalFor(io: Io, { tty = false, stdin = false }: { tty?: boolean; stdin?: boolean }): InputTerminal | undefined {
  if (!tty) return undefined;
  if (!stdin) throw new CommandError('tty=true must be specified with interactive=true');
  if (io.inputTerminal === undefined) throw new CommandError('input is not a terminal');
  return io.inputTerminal;
}

/**
 * Joins a session to our own streams until it ends, is left, or Ctrl-C is pressed where that is not the container's. Resolves to
 * the exit code; undefined when it was left.
 */
export async function joinStreams(io: Io, stream: StreamSession, terminal: InputTerminal | undefined): Promise<number | undefined> {
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, io.interrupted]);
  const restore = terminal === undefined ? undefined : followTerminal(terminal, (size) => void stream.resize(size).catch(() => undefined));
  const stopInput = stream.stdin === undefined ? undefined : await pumpInput(io, stream.stdin, terminal === undefined ? undefined : () => left.abort());
  try {
    const outputs = [copy(stream.stdout, io, (chunk) => io.out(chunk)), copy(stream.stderr, io, (chunk) => io.err(chunk))];
    const ended = Promise.all([stream.exited, ...outputs]).then(([exitCode]) => exitCode);
    return await Promise.race([ended, aborted(signal)]);
  } finally {
    stopInput?.();
    restore?.();
    await stream.close();
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** With `leave`, the keys to leave with are held back and obeyed. */
async function pumpInput({ stdin }: Io, into: Writable, leave: (() => void) | undefined): Promise<() => void> {
  const { DEFAULT_DETACH_KEYS, DetachKeys, parseDetachKeys } = await import('@podling/shared/terminal');
  // A process that has ended takes no more: its exit code says all.
  const sink = new Writable({ write: (chunk: Buffer, _, done) => void into.write(chunk, () => done()), final: (done) => void into.end(() => done()) });
  into.on('error', () => undefined);
  const stages = leave === undefined ? [stdin, sink] : [stdin, new DetachKeys(parseDetachKeys(DEFAULT_DETACH_KEYS), leave), sink];
  const stop = new AbortController();
  pipeline(stages, { signal: stop.signal }).catch(() => undefined);
  return () => {
    stop.abort();
    // A pipe that nobody writes to would keep the process.
    (stdin as Readable & { unref?: () => void }).unref?.();
  };
}

async function copy(from: StreamSession['stdout'], io: Io, write: (chunk: Uint8Array) => void): Promise<void> {
  if (from === undefined) return;
  for await (const chunk of from) {
    write(chunk as Uint8Array);
    await io.flush();
  }
}
