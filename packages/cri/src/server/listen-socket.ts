import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { CriError } from '../cri.ts';

const MAX_PATH_BYTES = 107;

/** The path of `unix:///run/x.sock`. Fails with `InvalidArgument`. */
export function socketPath(listen: string): string {
  const path = /^unix:\/\/(\/.+)$/.exec(listen)?.[1];
  if (path === undefined) throw new CriError('InvalidArgument', `not a unix socket: ${listen}; it looks like unix:///run/podling/cri.sock`);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw new CriError('InvalidArgument', `the path of a socket may not be longer than ${MAX_PATH_BYTES} bytes: ${path}`);
  return path;
}

/** Makes room for a socket: one that nobody serves is removed. Fails with `InvalidArgument` where somebody does, or what lies there is none. */
export async function clearSocket(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new CriError('InvalidArgument', `${path} is not a socket: remove it, or listen elsewhere`);
  if (await isServed(path)) throw new CriError('InvalidArgument', `another process serves ${path}: end it, or listen elsewhere`);
  rmSync(path);
}

/** Whoever may connect rules the node. */
export function protectSocket(path: string): void {
  chmodSync(path, 0o600);
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
