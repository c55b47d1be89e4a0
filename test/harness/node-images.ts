import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureImages, ociArchive } from '@podling/deploy/images';
import { toolchainDir } from '@podling/shared/process';

export interface NodeImages {
  pause: string;
  toolbox: string;
  /** Has ENTRYPOINT, CMD, ENV and a working directory, to show the rules about them. */
  entrypoint: string;
  /** Archives of all of them. */
  archives: string[];
  remove(): Promise<void>;
}

/** The project's own images and one for tests, as archives on disk. */
export async function buildNodeImages(): Promise<NodeImages> {
  const { pause, toolbox } = await ensureImages();
  const folder = await mkdtemp(join(tmpdir(), 'podling-images-'));
  const archive = join(folder, 'entrypoint.tar');
  await writeFile(archive, await ociArchive(await entrypointImage()));
  return {
    pause: pause.ref,
    toolbox: toolbox.ref,
    entrypoint: 'podling.local/entrypoint:1',
    archives: [pause.tar, toolbox.tar, archive],
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function entrypointImage(): Promise<Parameters<typeof ociArchive>[0]> {
  const busybox = await readFile(join(toolchainDir(), 'pkg/bin/busybox'));
  const links = ['sh', 'echo'].map((name) => ({ type: 'symlink' as const, name: `bin/${name}`, target: 'busybox' }));
  return {
    ref: 'podling.local/entrypoint:1',
    files: [
      ...['bin', 'proc', 'dev', 'sys', 'etc', 'tmp', 'work'].map((name) => ({ type: 'directory' as const, name })),
      { type: 'file', name: 'bin/busybox', data: busybox, mode: 0o755 },
      ...links,
    ],
    entrypoint: ['/bin/echo', 'entry'],
    cmd: ['cmd'],
    env: ['PATH=/bin', 'FROM_IMAGE=yes'],
    workingDir: '/work',
  };
}
