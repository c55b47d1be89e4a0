import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Each direction up to its own end. Resolves when the near end is closed, with what went wrong at the far one; a near end that hangs up is no failure. */
export async function joinSocket(socket: Socket, far: Duplex): Promise<Error | undefined> {
  let failure: Error | undefined;
  far.once('error', (error) => (failure = error));
  if (!socket.destroyed) {
    const closed = once(socket, 'close').catch(() => undefined);
    far.once('close', () => socket.destroySoon());
    socket.pipe(far).pipe(socket);
    await closed;
  }
  // One that is given up takes the rest of its stream with it, or that would hold others up.
  far.destroy();
  return failure;
}
