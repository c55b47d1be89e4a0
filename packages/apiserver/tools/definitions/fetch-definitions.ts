import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolchainDir } from '@podling/shared/process';
import type { Definition } from './compare.ts';

const run = promisify(execFile);
const requirements = join(import.meta.dirname, 'requirements.txt');
const member = 'kubernetes_validate/kubernetes-json-schema/v1.36.0-local/_definitions.json';

/** The folder that holds the release pinned in `requirements.txt`, whatever else was fetched before. */
function folderOf(pin: string): string {
  return join(toolchainDir(), 'definitions', pin.split(' ', 1)[0]?.replace('==', '-') ?? '');
}

async function download(folder: string): Promise<void> {
  await mkdir(join(folder, '..'), { recursive: true });
  const work = await mkdtemp(`${folder}.`);
  try {
    await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes', '--dest', work, '--requirement', requirements]);
    const [wheel = ''] = (await readdir(work)).filter((name) => name.endsWith('.whl'));
    await run('python3', ['-m', 'zipfile', '--extract', join(work, wheel), work]);
    await rename(work, folder);
  } catch (cause) {
    throw new Error(`the definitions of ${readFileSync(requirements, 'utf8').split(' ', 1)[0]} cannot be had with python3 -m pip`, { cause });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Kubernetes' published definitions, by name: fetched once through pip, checked against a hash, kept beside the toolchain. */
export async function fetchDefinitions(): Promise<ReadonlyMap<string, Definition>> {
  const file = join(folderOf(readFileSync(requirements, 'utf8')), member);
  if (!existsSync(file)) await download(folderOf(readFileSync(requirements, 'utf8')));
  const { $defs } = JSON.parse(readFileSync(file, 'utf8')) as { $defs: Record<string, Definition> };
  return new Map(Object.entries($defs));
}
