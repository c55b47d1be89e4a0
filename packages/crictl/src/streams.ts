import type { StreamSession } from '@podling/cri';
import type { Io, Terminal } from './io.ts';
import { CommandError } from './report.ts';

/** Ctrl-P Ctrl-Q: leaves a terminal without ending what runs in it. */
const DETACH = Buffer.from([0x10, 0x11]);

/** Of `-t`: a terminal is wanted at both ends. Throws without one. */
export function terminalFor(io: Io, { tty = false, stdin = false }: { tty?: boolean; stdin?: boolean }): Terminal | undefined {
  if (!tty) return undefined;
  if (!stdin) throw new CommandError('tty=true must be specified with interactive=true');
  if (io.terminal === undefined) throw new CommandError('input is not a terminal');
  return io.terminal;
}

/**
 * Joins a session to our own streams until it ends, is left, or Ctrl-C is pressed where that is not the container's. Resolves to
 * the exit code; undefined when it was left.
 */
export async function joinStreams(io: Io, stream: StreamSession, terminal: Terminal | undefined): Promise<number | undefined> {
  const left = new AbortController();
  const restore = terminal === undefined ? undefined : followTerminal(stream, terminal);
  const leave = (): void => left.abort();
  io.interrupted.addEventListener('abort', leave, { once: true });
  const stopInput = stream.stdin === undefined ? undefined : pumpInput(io, stream.stdin, terminal === undefined ? undefined : leave);
  try {
    const outputs = [copy(stream.stdout, io, (chunk) => io.out(chunk)), copy(stream.stderr, io, (chunk) => io.err(chunk))];
    const ended = Promise.all([stream.exited, ...outputs]).then(([exitCode]) => exitCode);
    return await Promise.race([ended, new Promise<undefined>((resolve) => left.signal.addEventListener('abort', () => resolve(undefined), { once: true }))]);
  } finally {
    io.interrupted.removeEventListener('abort', leave);
    stopInput?.();
    restore?.();
    await stream.close();
  }
}

function followTerminal(stream: StreamSession, terminal: Terminal): () => void {
  const resize = (): void => void stream.resize(terminal.size()).catch(() => undefined);
  const stopFollowing = terminal.onResize(resize);
  const cook = terminal.raw();
  resize();
  return () => {
    stopFollowing();
    cook();
  };
}

/** With `leave`, the keys to detach are held back and obeyed. */
function pumpInput({ stdin }: Io, into: NonNullable<StreamSession['stdin']>, leave: (() => void) | undefined): () => void {
  const onData = (chunk: Buffer | string): void => {
    const bytes = Buffer.from(chunk);
    if (leave !== undefined && bytes.includes(DETACH)) return leave();
    if (into.writable && !into.write(bytes)) {
      stdin.pause();
      into.once('drain', () => stdin.resume());
    }
  };
  const onEnd = (): void => void into.end();
  into.on('error', () => undefined);
  stdin.on('data', onData);
  stdin.once('end', onEnd);
  return () => {
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    stdin.pause();
    // A pipe that nobody writes to would keep the process.
    (stdin as { unref?: () => void }).unref?.();
  };
}

async function copy(from: StreamSession['stdout'], io: Io, write: (chunk: Uint8Array) => void): Promise<void> {
  if (from === undefined) return;
  for await (const chunk of from) {
    write(chunk as Uint8Array);
    await io.flush();
  }
}
