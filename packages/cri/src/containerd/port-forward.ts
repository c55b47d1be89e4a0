import type { Duplex } from 'node:stream';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { inTime } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import { spawnWithSocket } from './exec.ts';
import type { SocketProgram } from './exec.ts';

export interface PortForwardTarget {
  /** A process in the network namespace. */
  pid: number;
  port: number;
}

/** Longer than the program itself takes to give up. */
const DIAL_MS = 30_000;

/**
 * A TCP connection to the loopback of another network namespace. Node cannot enter one: a small program of the toolchain
 * does, and passes on what is said for as long as the connection lasts. It is killed when the connection is closed here.
 */
export async function dialNamespace(program: string, { pid, port }: PortForwardTarget, clock: Clock): Promise<Duplex> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new CriError('InvalidArgument', `not a port: ${port}`);
  const dialing = spawnWithSocket('nsenter', [`--net=/proc/${pid}/ns/net`, program, String(port)]);
  const { socket, stdout, kill } = dialing;
  socket.once('close', kill);
  try {
    await inTime(connected(dialing), DIAL_MS, clock, () => new CriError('Unavailable', `no connection to port ${port} in time`));
  } catch (error) {
    socket.destroy();
    throw error;
  }
  stdout.destroy();
  return socket;
}

async function connected({ stdout, stderr, exited }: SocketProgram): Promise<void> {
  const said = text(stderr).catch(() => '');
  const refused = exited.then(async (cause) => {
    throw new CriError('Unavailable', (await said).trim() || 'the connection was not made', { cause });
  });
  refused.catch(() => undefined);
  await Promise.race([once(stdout, 'data'), refused]);
}
