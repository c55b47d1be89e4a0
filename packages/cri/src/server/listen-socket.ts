import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { CriError } from '../cri.ts';

const MAX_PATH_BYTES = 107;
const OWN_NAME = 's';

/** The path of `unix:///run/x.sock`. Fails with `InvalidArgument`. */
export function socketPath(listen: string): string {
  const path = /^unix:\/\/(\/.+)$/.exec(listen)?.[1];
  if (path === undefined) throw new CriError('InvalidArgument', `not a unix socket: ${listen}; it looks like unix:///run/podling/cri.sock`);
  const longest = Math.max(Buffer.byteLength(path), Buffer.byteLength(join(dirname(path), '.XXXXXX', OWN_NAME)));
  if (longest > MAX_PATH_BYTES) throw new CriError('InvalidArgument', `the path of a socket may not be longer than ${MAX_PATH_BYTES} bytes: ${path}`);
  return path;
}

/**
 * Makes room for a socket: one that nobody serves is removed, and its folder is made where only that is missing. Fails
 * with `InvalidArgument` where somebody serves it, what lies there is none, or the folder's own folder is missing.
 */
export async function clearSocket(path: string): Promise<void> {
  makeFolder(dirname(path));
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new CriError('InvalidArgument', `${path} is not a socket: remove it, or listen elsewhere`);
  if (await isServed(path)) throw new CriError('InvalidArgument', `another process serves ${path}: end it, or listen elsewhere`);
  rmSync(path);
}

/**
 * Binds a socket that is nobody else's from its first moment on, since whoever may connect rules the node: in a folder of
 * its own, from which it is linked to its place. Fails with `InvalidArgument` where another has come meanwhile.
 */
export async function protectedly(path: string, bind: (own: string) => Promise<unknown>): Promise<void> {
  const folder = mkdtempSync(join(dirname(path), '.'));
  const own = join(folder, OWN_NAME);
  try {
    await bind(own);
    chmodSync(own, 0o600);
    linkSync(own, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new CriError('InvalidArgument', `another process serves ${path}: end it, or listen elsewhere`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One level, and none in the root: what a misspelt path names is not there, and must not come to be. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent === '/' || !existsSync(parent)) throw new CriError('InvalidArgument', `there is no folder ${folder}: make it, or listen elsewhere`);
  mkdirSync(folder, { mode: 0o755 });
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
