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
  const finish = async (status: CommandStatus, lastWords?: string): Promise<void> => {
    await Promise.all([end(channels.stdout, channels.stderr === undefined ? lastWords : undefined), end(channels.stderr, lastWords)]);
    await channels.finish(status);
  };
  const fail = (error: unknown): Promise<void> => {
    const isStart = startFailureExits && error instanceof CriError && error.code === 'StartError';
    return isStart ? finish(exitStatus(startFailureCode(error.message)), `${error.message}\n`) : finish(failureStatus(error));
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
    await finish(tellsExitCode && exitCode !== undefined ? exitStatus(exitCode) : success);
  } catch (error) {
    await fail(error);
  } finally {
    await session.close();
  }
}

/** Lets what was written go out, and `lastWords` after it. Never fails. */
async function end(output: Writable | undefined, lastWords?: string): Promise<void> {
  if (output === undefined || output.destroyed || output.writableEnded) return;
  output.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    output.once('close', resolve);
    if (lastWords !== undefined) output.write(lastWords);
    output.end(() => resolve());
  });
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

/** Its end is said when the command's is, and something may be left to say before. */
async function copy(from: Readable | undefined, to: Writable | undefined): Promise<void> {
  if (from !== undefined && to !== undefined) await pipeline(from, to, { end: false });
}
