import { chmod, lchown, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { FileProjection, Payload } from './file-projection.ts';

const dataLink = '..data';
const newDataLink = '..data_tmp';
const maxPathLength = 4096;
const maxFileNameLength = 255;

/** Sets owners and modes in the volume's folder, before what is new in it is seen. */
export type SetPermissions = () => Promise<void>;

/**
 * Projects files into a volume's folder so that a reader sees the old set or the new one, never half of each:
 *
 *     FOLDER/..2026_11_22_06_50_00.Xy3k9a/user/name     the files, in a folder of their own
 *     FOLDER/..data → ..2026_11_22_06_50_00.Xy3k9a      switched by a rename
 *     FOLDER/user → ..data/user                         what the container opens
 *
 * Names beginning with `..` are its own. Nothing is written when the files say already what they should.
 * One call at a time per folder. Fails for a path that leaves the folder. Upstream twin: volume util `AtomicWriter`.
 */
export async function writeAtomically(folder: string, payload: Payload, setPermissions: SetPermissions): Promise<void> {
  const files = cleaned(payload);
  const current = await currentFolder(folder);
  if (current === undefined || !(await says(join(folder, current), files))) await switchTo(folder, await writeFolder(folder, files, setPermissions));
  await linkVisible(folder, files);
  await removeOld(folder, files);
}

/** Whether a folder has its files. */
export async function isWritten(folder: string): Promise<boolean> {
  return (await currentFolder(folder)) !== undefined;
}

function cleaned(payload: Payload): Payload {
  return new Map([...payload].map(([path, file]) => {
    checkPath(path);
    return [normalize(path), file];
  }));
}

/** Whatever comes from a user: the API has refused most of it before. */
function checkPath(path: string): void {
  if (path === '') throw new Error('invalid path: must not be empty: ""');
  if (path.startsWith('/')) throw new Error(`invalid path: must be relative path: ${path}`);
  if (path.length > maxPathLength) throw new Error(`invalid path: must be less than or equal to ${maxPathLength} characters`);
  const parts = path.split('/');
  if (parts.includes('..')) throw new Error(`invalid path: must not contain '..': ${path}`);
  if (parts.some((part) => Buffer.byteLength(part) > maxFileNameLength)) {
    throw new Error(`invalid path: filenames must be less than or equal to ${maxFileNameLength} characters`);
  }
  if (normalize(path).startsWith('..')) throw new Error(`invalid path: must not start with '..': ${path}`);
}

async function currentFolder(folder: string): Promise<string | undefined> {
  return readlink(join(folder, dataLink)).catch(missing);
}

/** Whether a folder holds just these files with this content. */
async function says(folder: string, files: Payload): Promise<boolean> {
  const present = await filesBelow(folder);
  if (present.length !== files.size || !present.every((path) => files.has(path))) return false;
  const same = await Promise.all([...files].map(async ([path, { data }]) => (await readFile(join(folder, path))).equals(Buffer.from(data))));
  return same.every(Boolean);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true }).catch(missing)) ?? [];
  return entries.filter((entry) => !entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
}

/** Writes the files into a folder with a new name; answers that name. */
async function writeFolder(folder: string, files: Payload, setPermissions: SetPermissions): Promise<string> {
  const path = await mkdtemp(join(folder, `${timestamp()}.`));
  try {
    await chmod(path, 0o755);
    for (const [name, file] of files) await writeOne(join(path, name), file);
    await setPermissions();
    return path.slice(folder.length + 1);
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  }
}

async function writeOne(path: string, { data, mode, owner }: FileProjection): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, data, { flag: 'wx', mode });
  await chmod(path, mode);
  if (owner !== undefined) await lchown(path, owner, -1);
}

async function switchTo(folder: string, name: string): Promise<void> {
  await rm(join(folder, newDataLink), { force: true });
  await symlink(name, join(folder, newDataLink));
  await rename(join(folder, newDataLink), join(folder, dataLink));
}

async function linkVisible(folder: string, files: Payload): Promise<void> {
  for (const name of visibleNames(files)) {
    await symlink(join(dataLink, name), join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Takes away the links of files that are no more, and every folder that `..data` does not name. */
async function removeOld(folder: string, files: Payload): Promise<void> {
  const [current, entries] = await Promise.all([currentFolder(folder), readdir(folder, { withFileTypes: true })]);
  const visible = visibleNames(files);
  for (const entry of entries) {
    const own = entry.name.startsWith('..');
    const old = own ? entry.isDirectory() && entry.name !== current : entry.isSymbolicLink() && !visible.has(entry.name);
    if (old) await rm(join(folder, entry.name), { recursive: true, force: true });
  }
}

function visibleNames(files: Payload): Set<string> {
  return new Set([...files.keys()].map((path) => path.split('/')[0] ?? path));
}

function timestamp(): string {
  return `..${new Date().toISOString().slice(0, 19).replace(/[-T:]/g, '_')}`;
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
