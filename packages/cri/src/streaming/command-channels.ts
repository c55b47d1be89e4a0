import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CriError } from '../cri.ts';
import type { StreamSession, TerminalSize } from '../cri.ts';
import { exitStatus, failureStatus, startFailureCode, success } from './command-status.ts';
import type { CommandStatus } from './command-status.ts';

/** The streams of a command on the client's side, whatever carries them. */
export interface CommandChannels {
  stdin: Readable | undefined;
  stdout: Writable | undefined;
  stderr: Writable | undefined;
  onResize(listener: (size: TerminalSize) => void): void;
  /** Says how it ended, after all that was written, and closes the connection. */
  finish(status: CommandStatus): Promise<void>;
  /** Resolves when the client is gone. */
  closed: Promise<void>;
}

export interface CommandOptions {
  open: () => Promise<StreamSession>;
  /** False for attach: what the container ends with is no failure of the stream. */
  tellsExitCode: boolean;
  /** As in a shell: why on stderr, then 126 or 127. */
  startFailureExits: boolean;
}

/** Joins a client's streams with those of a process, until one of them is gone. Never fails. */
export async function serveCommand(channels: CommandChannels, { open, tellsExitCode, startFailureExits }: CommandOptions): Promise<void> {
  const fail = async (error: unknown): Promise<void> => {
    const isStart = startFailureExits && error instanceof CriError && error.code === 'StartError';
    await channels.finish(isStart ? exitStatus(await tellStartFailure(channels, error)) : failureStatus(error));
  };
  const sizes = sizeRelay(channels);
  let session: StreamSession;
  try {
    session = await open();
  } catch (error) {
    return fail(error);
  }
  void channels.closed.then(() => session.close());
  sizes.to(session);
  feed(channels.stdin, session.stdin);
  try {
    const outputs = Promise.all([copy(session.stdout, channels.stdout), copy(session.stderr, channels.stderr)]);
    const [exitCode] = await Promise.all([session.exited, outputs]);
    await channels.finish(tellsExitCode ? exitStatus(exitCode) : success);
  } catch (error) {
    await fail(error);
  } finally {
    await session.close();
  }
}

/** On stderr, which a terminal has in its stdout. */
async function tellStartFailure({ stdout, stderr }: CommandChannels, { message }: CriError): Promise<number> {
  const output = stderr ?? stdout;
  if (output?.writable === true) await new Promise<void>((resolve) => output.end(`${message}\n`, () => resolve()));
  return startFailureCode(message);
}

/** The last size counts, also one that came before the process did; one at a time, or an older one might come last. */
function sizeRelay(channels: CommandChannels): { to(session: StreamSession): void } {
  let wanted: TerminalSize | undefined;
  let session: StreamSession | undefined;
  let isBusy = false;
  const relay = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    for (let size = wanted; session !== undefined && size !== undefined; size = wanted) {
      wanted = undefined;
      await session.resize(size).catch(() => undefined);
    }
    isBusy = false;
  };
  channels.onResize((size) => {
    wanted = size;
    void relay();
  });
  return {
    to: (opened) => {
      session = opened;
      void relay();
    },
  };
}

/** What the process does not take any more is read and forgotten: the client is told how it ended, not that a stream broke. */
function feed(from: Readable | undefined, to: Writable | undefined): void {
  if (from === undefined || to === undefined) {
    from?.resume();
    return;
  }
  from.pipe(to);
  from.once('error', () => to.end());
  to.on('error', () => undefined);
  to.once('close', () => {
    from.unpipe(to);
    from.resume();
  });
}

async function copy(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from === undefined || to === undefined) {
    to?.end();
    return;
  }
  await pipeline(from, to);
}
