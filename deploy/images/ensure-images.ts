import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolchainDir } from '@podling/shared/process';
import { run } from '../exec.ts';
import { ociArchive } from './oci-archive.ts';
import type { ImageContent } from './oci-archive.ts';
import { pauseImage } from './pause-image.ts';
import { toolboxImage } from './toolbox-image.ts';

/** An image on this machine's disk: its reference and the archive to import. */
export interface ImageArchive {
  ref: string;
  tar: string;
}

/** Raised when a binary that an image is made of is not in the toolchain. */
export class MissingImageSourceError extends Error {
  override name = 'MissingImageSourceError';
}

/**
 * Builds the images that the cluster needs from the toolchain's binaries, once per content, into the toolchain's
 * folder. Needs no registry and no root. Import with `ctr -n NAMESPACE images import TAR`.
 */
export async function ensureImages(): Promise<{ pause: ImageArchive; toolbox: ImageArchive }> {
  const packages = join(toolchainDir(), 'pkg');
  const busyboxPath = join(packages, 'bin/busybox');
  const [catatonit, busybox] = await Promise.all([binary(join(packages, 'usr/bin/catatonit')), binary(busyboxPath)]);
  const applets = await run(busyboxPath, ['--list']);
  const [pause, toolbox] = await Promise.all([ensure(pauseImage(catatonit)), ensure(toolboxImage(busybox, applets.split('\n')))]);
  return { pause, toolbox };
}

async function binary(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new MissingImageSourceError(`${path} is missing: run "npm run toolchain" first`, { cause });
  }
}

async function ensure(content: ImageContent): Promise<ImageArchive> {
  const folder = join(toolchainDir(), 'images');
  const [, name = content.ref] = /([^/:]+):[^:]*$/.exec(content.ref) ?? [];
  const tar = join(folder, `${name}-${fingerprint(content)}.tar`);
  if (!existsSync(tar)) {
    await mkdir(folder, { recursive: true });
    const unfinished = `${tar}.${process.pid}`;
    await writeFile(unfinished, await ociArchive(content));
    await rename(unfinished, tar);
  }
  return { ref: content.ref, tar };
}

/** Names the archive by what goes into it, so a changed recipe or binary makes a new file. */
function fingerprint(content: ImageContent): string {
  const hash = createHash('sha256');
  for (const file of content.files) {
    hash.update(`${file.type} ${file.name}\n`);
    if (file.type === 'file') hash.update(file.data);
  }
  const { files: _, ...rest } = content;
  return hash.update(JSON.stringify(rest)).digest('hex').slice(0, 12);
}
