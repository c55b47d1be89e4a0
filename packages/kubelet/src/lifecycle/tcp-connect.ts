import { connect } from 'node:net';
import { connectionText } from './connection-text.ts';
import { addressOf } from './http-target.ts';

/** Resolves when a connection could be made, which is closed at once. Fails as Kubernetes words it, or with `signal`'s reason. */
export function tcpConnect(host: string, port: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port, signal });
  socket.on('connect', () => {
    resolve();
    socket.destroy();
  });
  socket.on('error', (error) => {
    reject(signal.aborted ? (signal.reason as Error) : new Error(connectionText(error, addressOf(host, port)), { cause: error }));
  });
  return promise;
}
