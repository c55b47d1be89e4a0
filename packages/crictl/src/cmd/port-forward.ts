import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { CriConnection } from '@podling/cri/v1';
import { joinSocket, portNumber, PortListeners, splitPorts } from '@podling/shared/terminal';
import type { ForwardedPort } from '@podling/shared/terminal';
import { streamingFlags, streamingTls } from '../files/streaming-tls.ts';
import type { StreamingFlags } from '../files/streaming-tls.ts';
import { CommandError, doing, messageOf } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'POD-ID [LOCAL_PORT:]REMOTE_PORT...',
  description: 'Forward local ports to a pod until Ctrl-C. :REMOTE_PORT takes any free local port.',
  flags: (command) => void streamingFlags(command),
  run: async (session, words, options: StreamingFlags) => {
    const [id, ...specifications] = words;
    if (id === undefined || specifications.length === 0) throw new CommandError('a POD-ID and a port are wanted');
    const cri = await session.cri(streamingTls(options));
    await doing('port forward', async () => {
      const ports = portsOf(specifications);
      // One that is not there is told before anybody connects.
      await cri.runtime('PodSandboxStatus', { podSandboxId: id, verbose: false });
      await listen(session, cri, id, ports);
    });
  },
};

function portsOf(words: readonly string[]): ForwardedPort[] {
  return words.map((word) => {
    const [local, remote] = splitPorts(word);
    return { local: portNumber('local', local), remote: portNumber('remote', remote) };
  });
}

async function listen(session: Session, cri: CriConnection, id: string, ports: ForwardedPort[]): Promise<void> {
  const { interrupted } = session.io;
  const listeners = new PortListeners({
    addresses: ['localhost'],
    ports,
    out: (line) => session.out(line),
    err: (line) => session.say('error', line.trimEnd()),
    onConnection: (socket, { local, remote }) => {
      void forward(cri, id, remote, socket).catch((error: unknown) => {
        if (!interrupted.aborted) session.say('error', `an error occurred forwarding ${local} -> ${remote}: ${messageOf(error)}`);
      });
    },
  });
  try {
    await listeners.listen();
    if (!interrupted.aborted) await once(interrupted, 'abort');
  } finally {
    listeners.close();
  }
}

async function forward(cri: CriConnection, id: string, port: number, socket: Socket): Promise<void> {
  // Until it is joined, one that hangs up is nobody's failure.
  socket.on('error', () => undefined);
  const target = await cri.portForward(id, port).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  const failure = await joinSocket(socket, target);
  if (failure !== undefined) throw failure;
}
