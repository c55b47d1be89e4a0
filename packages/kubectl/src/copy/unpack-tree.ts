import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, open, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import type { Header } from 'tar-stream';
import { fileProblem } from '@podling/shared/file-problem';
import { CommandError } from '../errors.ts';
import { feed } from './feed.ts';
import { remotePath } from './file-spec.ts';

export interface UnpackOptions {
  /** What every name in the archive begins with. */
  prefix: string;
  /** Where that goes. */
  target: string;
  warn: (message: string) => void;
  /** Told of each link that is left out. */
  onLink: (file: string, linkname: string) => void;
}

interface Entry extends AsyncIterable<Buffer> {
  header: Header;
}

/** What comes while one write is under way goes into the next. */
const WRITE_BYTES = 1024 * 1024;
const CORRUPTED = 'tar contents corrupted';
/** As the library says it of an archive that is none or has headers without end. */
const brokenArchive = /^(Invalid tar header|Header exceeds)/;
/** As it says it of one that breaks off, between files and in one. */
const endedEarly = /^(Unexpected end of data|Stream was destroyed)/;

/**
 * Unpacks an archive that a container wrote, who may be anybody: nothing is written outside the target, no link is made
 * and none is followed there, and headers have a limit. What is left out is told.
 */
export async function unpackTree(archive: AsyncIterable<Buffer>, options: UnpackOptions): Promise<void> {
  const entries = extract();
  const unpacking = unpackEntries(entries as AsyncIterable<unknown> as AsyncIterable<Entry>, options);
  const feeding = feed(archive, entries);
  await Promise.all([feeding, unpacking]).catch((error: unknown) => {
    entries.destroy();
    const { message } = error as Error;
    if (endedEarly.test(message)) throw new CommandError('unexpected EOF', { cause: error });
    throw brokenArchive.test(message) ? new CommandError(CORRUPTED, { cause: error }) : error;
  });
}

async function unpackEntries(entries: AsyncIterable<Entry>, options: UnpackOptions): Promise<void> {
  for await (const entry of entries) {
    await unpackEntry(entry, options);
    for await (const _ of entry);
  }
}

async function unpackEntry(entry: Entry, options: UnpackOptions): Promise<void> {
  const { header } = entry;
  const file = placeOf(header.name, options);
  if (file === undefined) return;
  const isFolder = header.type === 'directory';
  if (!(await makeFolder(isFolder ? file : dirname(file), options)) || isFolder) return;
  if (header.type === 'symlink') options.onLink(file, header.linkname ?? '');
  else if (header.type === 'link') await unpackHardLink(header, file, options);
  else if (header.type === 'file' || header.type === 'contiguous-file') await write(entry, file, options);
  else options.warn(`skipping ${JSON.stringify(file)}: it is a ${header.type ?? 'thing of no known type'}\n`);
}

/** Undefined for what is not to be anywhere. */
function placeOf(name: string, { prefix, target, warn }: UnpackOptions): string | undefined {
  if (!name.startsWith(prefix) || (prefix === '' && name.startsWith('/'))) throw new CommandError(CORRUPTED);
  const file = join(target, remotePath(name.slice(prefix.length)));
  if (isWithin(target, file)) return file.length > 1 ? file.replace(/\/$/, '') : file;
  warn(`file ${JSON.stringify(file)} is outside target destination, skipping\n`);
  return undefined;
}

function isWithin(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== '..' && !way.startsWith(`..${sep}`);
}

function notMade(error: NodeJS.ErrnoException, folder: string): never {
  throw new CommandError(error.code === 'EEXIST' ? `mkdir ${folder}: not a directory` : fileProblem(error, folder), { cause: error });
}

/** False if it would be elsewhere, by a link that was in the target before. Throws where a file is in the way. */
async function makeFolder(folder: string, { target, warn }: UnpackOptions): Promise<boolean> {
  const root = isWithin(target, folder) ? target : folder;
  await mkdir(root, { recursive: true }).catch((error: NodeJS.ErrnoException) => notMade(error, root));
  const real = await realpath(root);
  let way = '';
  for (const part of relative(root, folder).split(sep).filter((one) => one !== '')) {
    way = join(way, part);
    const made = join(real, way);
    const found = await mkdir(made).then(() => undefined, async (error: NodeJS.ErrnoException) => {
      const stats = error.code === 'EEXIST' ? await lstat(made) : undefined;
      return stats?.isDirectory() === true || stats?.isSymbolicLink() === true ? stats : notMade(error, join(root, way));
    });
    if (found?.isSymbolicLink() !== true) continue;
    warn(`file ${JSON.stringify(folder)} is outside target destination, skipping\n`);
    return false;
  }
  return true;
}

/** tar packs a file's second name as a link to the first, which came before. */
async function unpackHardLink({ linkname }: Header, file: string, options: UnpackOptions): Promise<void> {
  const source = linkname === null || !linkname.startsWith(options.prefix) ? undefined : placeOf(linkname, options);
  const isFile = source !== undefined && (await lstat(source).then((stats) => stats.isFile(), () => false)) && (await makeFolder(dirname(source), options));
  if (isFile && source !== undefined) await copyFile(source, file);
  else options.onLink(file, linkname ?? '');
}

async function write(entry: AsyncIterable<Buffer>, file: string, { target, warn }: UnpackOptions): Promise<void> {
  // The target itself is the user's word, a link too.
  const noFollow = file === target ? 0 : constants.O_NOFOLLOW;
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK | noFollow, 0o666).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ELOOP') throw new CommandError(fileProblem(error, file), { cause: error });
    warn(`file ${JSON.stringify(file)} is outside target destination, skipping\n`);
    return undefined;
  });
  if (handle !== undefined) await pipeline(Readable.from(entry, { objectMode: false }), handle.createWriteStream({ highWaterMark: WRITE_BYTES }));
}
