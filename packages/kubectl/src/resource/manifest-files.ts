import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileProblem } from '@podling/shared/file-problem';
import { CommandError } from '../errors.ts';

export interface ManifestFile {
  /** How messages name it. */
  source: string;
  text: string;
}

export interface FileOptions {
  filename?: string[];
  recursive?: boolean;
  /** Only the objects of the files with these labels. */
  selector?: string;
}

export const isUrl = (path: string): boolean => /^https?:\/\//i.test(path);

const MANIFEST = /\.(ya?ml|json)$/;

async function inFolder(folder: string, recursive: boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const paths = await Promise.all(
    entries
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        // A link to a folder may lead anywhere, into a circle too.
        if (entry.isDirectory()) return recursive ? inFolder(path, true) : [];
        return MANIFEST.test(entry.name) ? [path] : [];
      }),
  );
  return paths.flat();
}

async function expand(path: string, recursive: boolean): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new CommandError(missing ? `the path "${path}" does not exist` : `the path "${path}" cannot be accessed: ${fileProblem(error, path)}`, { cause: error });
  }
  const files = await inFolder(path, recursive);
  if (files.length === 0) throw new CommandError(`error reading [${path}]: recognized file extensions are [.json .yaml .yml]`);
  return files;
}

async function readUrl(url: string): Promise<ManifestFile> {
  const { readManifestUrl } = await import('./manifest-url.ts');
  return { source: url, text: await readManifestUrl(url) };
}

async function read(path: string): Promise<ManifestFile> {
  try {
    return { source: path, text: await readFile(path, 'utf8') };
  } catch (error) {
    throw new CommandError(`cannot read "${path}": ${fileProblem(error, path)}`, { cause: error });
  }
}

/** Reads every file named: files, folders (in name order; their sub-folders with `recursive`), URLs, `-` for standard input. */
export async function readManifestFiles({ filename = [], recursive = false }: FileOptions, readStdin: () => Promise<string>): Promise<ManifestFile[]> {
  if (filename.length === 0) throw new CommandError('must specify -f');
  const files: ManifestFile[] = [];
  for (const path of filename) {
    if (path === '-') files.push({ source: 'STDIN', text: await readStdin() });
    else if (isUrl(path)) files.push(await readUrl(path));
    else for (const file of await expand(path, recursive)) files.push(await read(file));
  }
  return files;
}
