import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import type { Service } from '@podling/shared/api';
import type { ForwardedStream, PortForward } from '@podling/shared/streaming';
import { parseDuration } from '../duration.ts';
import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { listOption } from '../flags.ts';
import { joinSocket, listenAddresses, PortListeners } from '@podling/shared/terminal';
import type { ForwardedPort } from '@podling/shared/terminal';
import { attachablePod, podPath } from '../resource/attachable-pod.ts';
import { forwardedPorts } from '../session/forwarded-ports.ts';
import type { Verb } from '../verb.ts';

export interface PortForwardOptions {
  address?: string[];
  podRunningTimeout: string;
}

const USAGE = "TYPE/NAME and list of ports are required for port-forward\nSee 'kubectl port-forward -h' for help and examples";

/** Listens until Ctrl-C, or until the way to the pod is gone. */
export async function portForward(factory: Factory, words: string[], options: PortForwardOptions): Promise<number> {
  const [name, ...ports] = words;
  if (name === undefined || ports.length === 0) throw new CommandError(USAGE);
  const addresses = options.address ?? ['localhost'];
  listenAddresses(addresses);
  const { object, pod } = await attachablePod(factory, [name], await parseDuration(options.podRunningTimeout, 'pod-running-timeout'));
  const forwards = forwardedPorts(ports, pod, object.kind === 'Service' ? (object as unknown as Service) : undefined);
  const phase = pod.status?.phase ?? '';
  if (phase !== 'Running') throw new CommandError(`unable to forward port because pod is not running. Current status=${phase}`);
  const interrupted = factory.io.takeInterrupts();
  const { openPortForward } = await import('@podling/shared/streaming');
  const path = podPath(pod.metadata.namespace ?? '', pod.metadata.name, 'portforward');
  const way = await openPortForward(await factory.client(), { path, signal: interrupted }).catch((error: unknown) => {
    if ((error as Error).name !== 'StreamError') throw error;
    throw new CommandError(`error upgrading connection: ${(error as Error).message}`, { cause: error });
  });
  return listenUntil(factory, way, { addresses, ports: forwards, interrupted });
}

interface Listening {
  addresses: readonly string[];
  ports: readonly ForwardedPort[];
  interrupted: AbortSignal;
}

/** Joins the two. What went wrong is known once the pod has said its last, whether the near end goes on or not. */
async function failureOf({ data, failure }: ForwardedStream, socket: Socket): Promise<string | undefined> {
  const said = finished(data, { writable: false }).catch(() => undefined);
  await Promise.race([joinSocket(socket, data), said]);
  return failure.catch(() => undefined);
}

async function listenUntil({ io }: Factory, way: PortForward, { addresses, ports, interrupted }: Listening): Promise<number> {
  const listeners = new PortListeners({
    addresses,
    ports,
    out: (line) => io.out(line),
    err: (line) => io.err(line),
    onConnection: (socket, { local, remote }) => {
      void failureOf(way.connect(remote), socket).then((failure) => {
        if (failure === undefined) return;
        // As upstream: what one connection meets ends them all.
        io.err(`error: an error occurred forwarding ${local} -> ${remote}: ${failure}\n`);
        way.close();
      });
    },
  });
  try {
    await listeners.listen();
    const stopped = new Promise<true>((resolve) => {
      if (interrupted.aborted) resolve(true);
      interrupted.addEventListener('abort', () => resolve(true), { once: true });
    });
    if ((await Promise.race([stopped, way.closed])) !== true) throw new CommandError('lost connection to pod');
    return 0;
  } finally {
    listeners.close();
    way.close();
  }
}

export const verb: Verb<PortForwardOptions> = {
  usage: 'TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  flags: (command) => {
    command
      .addOption(listOption('--address <addresses>', 'IP addresses to listen on, or localhost, which is both 127.0.0.1 and ::1 (default localhost)'))
      .option('--pod-running-timeout <duration>', 'how long to wait for a pod', '1m');
  },
  run: portForward,
};
