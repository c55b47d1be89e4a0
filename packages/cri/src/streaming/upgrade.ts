import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { hangUp } from '@podling/shared/upgrade';

const reasons: Record<number, string> = { 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error' };

/** Answers an upgrade that is not to be, as HTTP. */
export function refuse(socket: Duplex, code: number, message: string): void {
  const body = `${message}\n`;
  socket.write(`HTTP/1.1 ${code} ${reasons[code] ?? ''}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
  hangUp(socket);
}

export function acceptSpdy(socket: Duplex, protocol: string): void {
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`);
}

export function isUpgradeTo({ headers }: IncomingMessage, protocol: string): boolean {
  return (headers.upgrade ?? '').toLowerCase() === protocol.toLowerCase();
}

/** The first of ours that is among theirs. */
export function negotiate<Protocol extends string>(header: string | string[] | undefined, ours: readonly Protocol[]): Protocol | undefined {
  const theirs = new Set([header ?? ''].flat().flatMap((line) => line.split(',')).map((name) => name.trim()));
  return ours.find((name) => theirs.has(name));
}

export function cannotNegotiate(header: string | string[] | undefined, ours: readonly string[]): string {
  return `unable to upgrade: unable to negotiate protocol: client supports [${[header ?? []].flat().join(', ')}], server accepts [${ours.join(' ')}]`;
}
