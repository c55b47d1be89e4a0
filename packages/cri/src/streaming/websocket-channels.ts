import { Readable, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import type { AttachRequest, TerminalSize } from '../cri.ts';
import type { CommandChannels } from './command-channels.ts';
import { terminalSize } from './terminal-size.ts';
import { channelOf, sendOn } from './websocket-messages.ts';

/** In the order of preference. v5 is v4 with a way to end stdin. */
export const websocketProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const NORMAL_CLOSURE = 1000;

/** Kubernetes' streams in a WebSocket: the first byte of each message says of which stream the rest is. */
export function websocketChannels(socket: WebSocket, request: AttachRequest): CommandChannels {
  const stdin = request.stdin ? new Readable({ read: () => socket.resume() }) : undefined;
  stdin?.on('error', () => undefined);
  const resized: ((size: TerminalSize) => void)[] = [];
  const output = (number: number): Writable => new Writable({ write: (data: Buffer, _encoding, done) => sendOn(socket, number, data, done) });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => socket.terminate());
  socket.on('close', () => stdin?.push(null));
  socket.on('message', (message) => {
    const { channel: number, data } = channelOf(message);
    if (number === channel.stdin && data.length > 0 && stdin?.readableEnded === false && !stdin.push(data)) socket.pause();
    if (number === channel.close && data[0] === channel.stdin) stdin?.push(null);
    const size = number === channel.resize ? terminalSize(data.toString()) : undefined;
    if (size !== undefined) for (const listener of resized) listener(size);
  });
  // Tells the client that the streams are there.
  sendOn(socket, request.stdout ? channel.stdout : request.stderr ? channel.stderr : channel.error, Buffer.alloc(0));
  return {
    stdin,
    stdout: request.stdout ? output(channel.stdout) : undefined,
    stderr: request.stderr && !request.tty ? output(channel.stderr) : undefined,
    onResize: (listener) => resized.push(listener),
    finish: async (status) => {
      await new Promise((resolve) => sendOn(socket, channel.error, Buffer.from(JSON.stringify(status)), resolve));
      socket.resume();
      socket.close(NORMAL_CLOSURE);
    },
    closed,
  };
}
