import type { RawData, WebSocket } from 'ws';

/** One message: the first byte says of which channel the rest is. `done` when it has gone out. */
export function sendOn(socket: WebSocket, channel: number, data: Buffer, done: (error?: Error) => void = () => undefined): void {
  const message = Buffer.allocUnsafe(data.length + 1);
  message[0] = channel;
  data.copy(message, 1);
  socket.send(message, { binary: true }, done);
}

/** A message apart; without a channel for an empty one. */
export function channelOf(message: RawData): { channel: number | undefined; data: Buffer } {
  const bytes = message as Buffer;
  return { channel: bytes[0], data: bytes.subarray(1) };
}
