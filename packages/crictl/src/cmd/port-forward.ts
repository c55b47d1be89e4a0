import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { CriConnection } from '@podling/cri/v1';
import { streamingFlags, streamingTls } from '../files/streaming-tls.ts';
import type { StreamingFlags } from '../files/streaming-tls.ts';
import { CommandError, doing, messageOf } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

interface Ports {
  local: number;
  remote: number;
}

export const verb: Verb = {
  usage: 'POD-ID [LOCAL_PORT:]REMOTE_PORT...',
  description: 'Forward local ports to a pod until Ctrl-C. :REMOTE_PORT takes any free local port.',
  flags: (command) => void streamingFlags(command),
  run: async (session, words, options: StreamingFlags) => {
    const [id, ...specifications] = words;
    if (id === undefined || specifications.length === 0) throw new CommandError('a POD-ID and a port are wanted');
    const ports = specifications.map(portsOf);
    const cri = await session.cri(streamingTls(options));
    const servers: Server[] = [];
    try {
      await doing('port forward', async () => {
        // One that is not there, or not ready, is told before anybody connects.
        await cri.runtime('PodSandboxStatus', { podSandboxId: id, verbose: false });
        for (const port of ports) servers.push(await listen(session, cri, id, port));
      });
      if (!session.io.interrupted.aborted) await once(session.io.interrupted, 'abort');
    } finally {
      for (const server of servers) server.close();
    }
  },
};

function portsOf(text: string): Ports {
  const [, local, remote = ''] = /^(?:(\d*):)?(\d+)$/.exec(text) ?? [];
  const ports = { local: Number(local ?? remote), remote: Number(remote) };
  if (remote === '' || ports.remote < 1 || ports.remote > 65_535 || ports.local > 65_535) throw new CommandError(`invalid port format ${JSON.stringify(text)}: [LOCAL_PORT:]REMOTE_PORT is wanted`);
  return ports;
}

async function listen(session: Session, cri: CriConnection, id: string, { local, remote }: Ports): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    session.out(`Handling connection for ${(server.address() as AddressInfo | null)?.port ?? local}\n`);
    forward(cri, id, remote, socket).catch((error: unknown) => {
      socket.destroy();
      if (!session.io.interrupted.aborted) session.say('error', `an error occurred forwarding ${local} -> ${remote}: ${messageOf(error)}`);
    });
  });
  session.io.interrupted.addEventListener('abort', () => {
    for (const socket of sockets) socket.destroy();
  }, { once: true });
  server.listen(local, '127.0.0.1');
  await once(server, 'listening');
  session.out(`Forwarding from 127.0.0.1:${(server.address() as AddressInfo).port} -> ${remote}\n`);
  return server;
}

/** Both directions, each to its own end. */
async function forward(cri: CriConnection, id: string, port: number, socket: Socket): Promise<void> {
  const target = await cri.portForward(id, port);
  try {
    await Promise.all([pipeline(socket, target), pipeline(target, socket)]);
  } finally {
    target.destroy();
  }
}
