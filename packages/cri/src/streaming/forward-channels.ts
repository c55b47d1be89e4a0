import { Duplex } from 'node:stream';
import { Intake } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';
import type { ChannelSocket } from './channel-socket.ts';
import { joinPort } from './join-port.ts';
import type { ForwardRequest } from './stream-request.ts';

/** A channel is one byte, and each port has two. */
export const MAX_CHANNEL_PORTS = 127;

/**
 * Ports in a WebSocket's `v4.channel.k8s.io`: one connection to each, on two channels, the even one for data, the odd one for
 * what goes wrong. Each begins with the port's number. There is no half-close: when all connections have ended, so does the socket.
 */
export async function serveForwardChannels(socket: ChannelSocket, { ports, dial }: ForwardRequest, clock: Clock): Promise<void> {
  // A port that does not take what it is sent stops the whole connection.
  const intake = new Intake(socket);
  const streams = ports.map((_port, index) => new ChannelStream(socket, index * 2, intake));
  void socket.closed.then(() => streams.forEach((stream) => stream.clientGone()));
  socket.onMessage((channel, data) => {
    if (channel % 2 === 0 && data.length > 0) streams[channel / 2]?.receive(data);
  });
  for (const [index, port] of ports.entries()) for (const channel of [index * 2, index * 2 + 1]) socket.send(channel, portBytes(port));
  await Promise.all(streams.map((stream, index) => forward(socket, stream, { port: ports[index] ?? 0, errors: index * 2 + 1, dial, clock })));
  socket.close();
}

interface Forward extends Pick<ForwardRequest, 'dial'> {
  port: number;
  /** The channel for what goes wrong. */
  errors: number;
  clock: Clock;
}

async function forward(socket: ChannelSocket, stream: ChannelStream, { port, errors, dial, clock }: Forward): Promise<void> {
  try {
    await joinPort(stream, await dial(port), clock);
  } catch (failure) {
    socket.send(errors, Buffer.from(`error forwarding port ${port}: ${failure instanceof Error ? failure.message : String(failure)}`));
  }
  stream.destroy();
}

function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(port);
  return bytes;
}

/** The client's end of one connection. */
class ChannelStream extends Duplex {
  readonly #socket: ChannelSocket;
  readonly #channel: number;
  readonly #intake: Intake;
  #lost: Error | undefined;
  #hasEnded = false;

  constructor(socket: ChannelSocket, channel: number, intake: Intake) {
    super();
    this.#socket = socket;
    this.#channel = channel;
    this.#intake = intake;
    this.on('error', () => undefined);
  }

  /** Set, with an event of that name, when the client is gone. */
  get lost(): Error | undefined {
    return this.#lost;
  }

  receive(data: Buffer): void {
    if (!this.destroyed && !this.#hasEnded && !this.push(data)) this.#intake.stop(this);
  }

  clientGone(): void {
    this.#lost = new Error('the client is gone');
    this.emit('lost');
    this.#end();
  }

  override _read(): void {
    this.#intake.wanted(this);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.send(this.#channel, chunk, done);
  }

  /** The client cannot say that it has ended too, so what the pod ends is over. */
  override _final(done: (error?: Error | null) => void): void {
    this.#end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#intake.wanted(this);
    done(error);
  }

  #end(): void {
    if (!this.#hasEnded && !this.destroyed) this.push(null);
    this.#hasEnded = true;
  }
}
