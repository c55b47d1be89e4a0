import { Readable, Writable } from 'node:stream';
import type { AttachRequest, TerminalSize } from '../cri.ts';
import type { ChannelSocket } from './channel-socket.ts';
import type { CommandChannels } from './command-channels.ts';
import { terminalSize } from './terminal-size.ts';

/** In the order of preference. v5 is v4 with a way to end stdin. */
export const websocketProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io'] as const;

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** The streams of a command in a WebSocket. `tellsStart`: with an empty message, as up to v4; who speaks v5 may not listen yet. */
export function websocketChannels(socket: ChannelSocket, request: AttachRequest, tellsStart: boolean): CommandChannels {
  const stdin = request.stdin ? new Readable({ read: () => socket.resume() }) : undefined;
  stdin?.on('error', () => undefined);
  let isOpen = true;
  const end = (): void => {
    if (isOpen) stdin?.push(null);
    isOpen = false;
  };
  const resized: ((size: TerminalSize) => void)[] = [];
  const output = (channel: number): Writable => new Writable({ write: (data: Buffer, _encoding, done) => socket.send(channel, data, done) });
  void socket.closed.then(end);
  socket.onMessage((channel, data) => {
    if (channel === channels.stdin && data.length > 0 && isOpen && stdin?.push(data) === false) socket.pause();
    if (channel === channels.close && data[0] === channels.stdin) end();
    const size = channel === channels.resize ? terminalSize(data.toString()) : undefined;
    if (size !== undefined) for (const listener of resized) listener(size);
  });
  if (tellsStart) socket.send(request.stdout ? channels.stdout : request.stderr ? channels.stderr : channels.error, Buffer.alloc(0));
  return {
    stdin,
    stdout: request.stdout ? output(channels.stdout) : undefined,
    stderr: request.stderr && !request.tty ? output(channels.stderr) : undefined,
    onResize: (listener) => resized.push(listener),
    finish: async (status) => {
      await new Promise((resolve) => socket.send(channels.error, Buffer.from(JSON.stringify(status)), resolve));
      socket.close();
    },
    closed: socket.closed,
  };
}
