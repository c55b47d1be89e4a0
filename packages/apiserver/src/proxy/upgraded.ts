import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Upgrade } from '@podling/shared/upgrade';
import { systemClock } from '@podling/shared/util';
import { readRefusal } from './read-refusal.ts';

/** What the other end has said to a request that may be an upgrade. */
export interface Answer {
  answer: IncomingMessage;
  /** Present when it has agreed. */
  upgraded?: Upgrade;
}

const connectTimeoutMs = 10_000;
const keepAliveMs = 30_000;
/** How long one direction may be silent once the other has ended. */
const lingerMs = 30_000;
/** Both directions and all filters want to know of an end. */
const maxListeners = 24;

/** Rejects when there is no connection in time, or no answer within `answerTimeoutMs` after it. */
export async function answerOf(outgoing: ClientRequest, answerTimeoutMs: number, clock = systemClock): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const giveUp = (what: string): void => void outgoing.destroy(new Error(what));
  let timer = clock.setTimeout(() => giveUp('no connection in time'), connectTimeoutMs);
  outgoing.once('socket', (socket) => socket.once('connect', () => {
    timer.cancel();
    timer = clock.setTimeout(() => giveUp('no answer in time'), answerTimeoutMs);
  }));
  outgoing.once('response', (answer) => resolve({ answer }));
  outgoing.once('upgrade', (answer, wire, head) => resolve({ answer, upgraded: { wire: wire as Socket, head } }));
  outgoing.on('error', reject);
  return promise.finally(() => timer.cancel());
}

/**
 * Gives the client the other end's 101. From here on the two ends speak with one another, each as fast as the other reads,
 * until either has ended; the last one is not waited for without end. Whatever goes wrong closes both.
 */
export async function joinUpgraded(answer: IncomingMessage, far: Upgrade, takeOver: () => Upgrade): Promise<void> {
  const wires = [far.wire];
  try {
    const client = takeOver();
    wires.push(client.wire);
    await join(answer, far, client);
  } finally {
    for (const wire of wires) wire.destroy();
  }
}

async function join(answer: IncomingMessage, far: Upgrade, client: Upgrade): Promise<void> {
  const lines = Object.entries(answer.headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${one}`));
  client.wire.write(`HTTP/1.1 101 ${answer.statusMessage ?? 'Switching Protocols'}\r\n${lines.join('\r\n')}\r\n\r\n`);
  if (far.head.length > 0) client.wire.write(far.head);
  if (client.head.length > 0) far.wire.write(client.head);
  const wires = [client.wire, far.wire];
  for (const wire of wires) wire.setMaxListeners(maxListeners).setNoDelay(true).setKeepAlive(true, keepAliveMs);
  const both = [pipeline(client.wire, far.wire), pipeline(far.wire, client.wire)];
  const linger = (): void => wires.forEach((wire) => wire.setTimeout(lingerMs, () => wire.destroy()));
  for (const direction of both) direction.then(linger, () => undefined);
  await Promise.allSettled(both);
}

/** An answer without an upgrade: its beginning is passed on, and the far connection let go of. */
export async function passRefusal(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readRefusal(answer);
  const contentType = answer.headers['content-type'] ?? 'text/plain; charset=utf-8';
  response.writeHead(answer.statusCode ?? 502, { 'Content-Type': contentType, 'Content-Length': body.length, 'X-Content-Type-Options': 'nosniff', Connection: 'close' }).end(body);
}
