import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ociArchive } from '@podling/deploy/images';
import type { TarEntry } from '@podling/deploy/images';
import { execa } from 'execa';

export const nodeClientRef = 'podling.local/node-client:1';

/** The client library that programs in a pod use. */
const library = '@kubernetes/client-node';
/** Of a package, what runs. */
const runs = /(\.(js|cjs|mjs|json)|\/LICENSE)$/;

export interface BuiltImage {
  tar: string;
  remove(): Promise<void>;
}

/** An image with this process's own Node, the libraries it is linked with, and `@kubernetes/client-node`. */
export async function buildNodeClientImage(): Promise<BuiltImage> {
  const folder = await mkdtemp(join(tmpdir(), 'podling-node-client-'));
  const tar = join(folder, 'node-client.tar');
  const files = await Promise.all([nodeFiles(), libraryFiles()]);
  await writeFile(tar, await ociArchive({ ref: nodeClientRef, files: withFolders(files.flat()), entrypoint: ['/usr/bin/node'] }));
  return { tar, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function nodeFiles(): Promise<TarEntry[]> {
  const { stdout } = await execa('ldd', [process.execPath]);
  const libraries = stdout.split('\n').map((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1]).filter((path) => path !== undefined);
  const executable = (name: string, data: Buffer): TarEntry => ({ type: 'file', name, data, mode: 0o755 });
  return [
    executable('usr/bin/node', await readFile(process.execPath)),
    ...(await Promise.all(libraries.map(async (path) => executable(path.slice(1), await readFile(path))))),
  ];
}

/** The library and all it needs, in folders as npm has laid them out. */
async function libraryFiles(): Promise<TarEntry[]> {
  const root = join(import.meta.dirname, '../..');
  const found = new Set<string>();
  const visit = async (from: string, name: string): Promise<void> => {
    const folder = installed(from, name);
    if (folder === undefined || found.has(folder)) return;
    found.add(folder);
    const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { dependencies?: Record<string, string> };
    for (const dependency of Object.keys(dependencies)) await visit(folder, dependency);
  };
  await visit(root, library);
  const entries = await Promise.all([...found].map((folder) => packageFiles(root, folder)));
  return entries.flat();
}

/** As Node looks for a package: in `node_modules` of the folder and of those above it. Types are left out. */
function installed(from: string, name: string): string | undefined {
  if (name.startsWith('@types/')) return undefined;
  const folder = join(from, 'node_modules', name);
  if (existsSync(folder)) return folder;
  return dirname(from) === from ? undefined : installed(dirname(from), name);
}

async function packageFiles(root: string, folder: string): Promise<TarEntry[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const own = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const wanted = own.filter((path) => runs.test(path) && !path.slice(folder.length).includes('/node_modules/'));
  return Promise.all(wanted.map(async (path): Promise<TarEntry> => ({ type: 'file', name: path.slice(root.length + 1), data: await readFile(path) })));
}

function withFolders(files: TarEntry[]): TarEntry[] {
  const folders = new Set(['proc', 'dev', 'sys', 'etc', 'tmp']);
  for (const { name } of files) {
    for (let folder = dirname(name); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  }
  return [...[...folders].sort().map((name): TarEntry => ({ type: 'directory', name })), ...files];
}
