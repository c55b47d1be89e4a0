import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { ForwardedStream } from '@podling/shared/streaming';

/** Each direction up to its own end. Resolves with what went wrong at the far end; undefined when nothing did, or the near end hung up. */
export async function forward(socket: Socket, { data, failure }: ForwardedStream): Promise<string | undefined> {
  socket.on('error', () => data.destroy());
  // A connection that is given up takes the rest of its stream with it, or that would hold the others up.
  socket.once('close', () => data.destroy());
  await Promise.allSettled([pipeline(socket, data, { end: true }), pipeline(data, socket, { end: true })]);
  socket.destroy();
  data.destroy();
  return failure;
}
