import { createReadStream } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat, opendir, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { Header, Pack } from 'tar-stream';
import { feed } from './feed.ts';

/** At a time: each piece passes through several streams. */
const READ_BYTES = 512 * 1024;

interface Packing {
  archive: Pack;
  warn: (message: string) => void;
}

/** A file, or a folder with all in it, as an archive whose names begin with `name`. Links are packed as links. Read as it is taken. */
export function packTree(path: string, name: string, warn: (message: string) => void): Readable {
  const archive = pack();
  addPath({ archive, warn }, path, name).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error as Error),
  );
  return Readable.from(archive, { objectMode: false });
}

async function addPath(packing: Packing, path: string, name: string): Promise<void> {
  const stats = await lstat(path);
  if (stats.isDirectory()) return addFolder(packing, { path, name, stats });
  if (stats.isSymbolicLink()) return entry(packing, { ...headerOf(name, stats), type: 'symlink', linkname: await readlink(path) });
  if (stats.isFile()) return addFile(packing, { path, name, stats });
  packing.warn(`skipping ${JSON.stringify(path)}: neither a file nor a folder nor a link\n`);
}

interface Found {
  path: string;
  name: string;
  stats: Stats;
}

/** As upstream, a folder that holds something comes into being by what it holds. */
async function addFolder(packing: Packing, { path, name, stats }: Found): Promise<void> {
  let isEmpty = true;
  for await (const child of await opendir(path)) {
    isEmpty = false;
    await addPath(packing, join(path, child.name), posix.join(name, child.name));
  }
  if (isEmpty) await entry(packing, { ...headerOf(name, stats), type: 'directory' });
}

/** What grows meanwhile is packed as long as it was; what shrinks fails. */
async function addFile(packing: Packing, { path, name, stats }: Found): Promise<void> {
  const { size } = stats;
  const packed = Promise.withResolvers<void>();
  const sink = packing.archive.entry({ ...headerOf(name, stats), type: 'file', size }, settle(packed));
  const content = size > 0 ? createReadStream(path, { end: size - 1, highWaterMark: READ_BYTES }) : [];
  await Promise.all([feed(content as AsyncIterable<Buffer>, sink), packed.promise]);
}

function entry({ archive }: Packing, header: Partial<Header> & Pick<Header, 'name'>): Promise<void> {
  const packed = Promise.withResolvers<void>();
  archive.entry(header, settle(packed));
  return packed.promise;
}

function settle({ resolve, reject }: PromiseWithResolvers<void>): (error?: Error | null) => void {
  return (error) => (error === undefined || error === null ? resolve() : reject(error));
}

function headerOf(name: string, { mode, mtime, uid, gid }: Stats) {
  return { name, mode: mode & 0o7777, mtime, uid, gid };
}
