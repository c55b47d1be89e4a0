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
  /** Has accounts, a USER and a STOPSIGNAL, in layers of which the upper ones hide parts of the lower. */
  accounts: string;
  /** Archives of all of them. */
  archives: string[];
  remove(): Promise<void>;
}

/** The project's own images and one for tests, as archives on disk. */
export async function buildNodeImages(): Promise<NodeImages> {
  const { pause, toolbox } = await ensureImages();
  const folder = await mkdtemp(join(tmpdir(), 'podling-images-'));
  const busybox = await readFile(join(toolchainDir(), 'pkg/bin/busybox'));
  const own = await Promise.all([entrypointImage(busybox), accountsImage(busybox)].map((content) => writeArchive(folder, content)));
  return {
    pause: pause.ref,
    toolbox: toolbox.ref,
    entrypoint: 'podling.local/entrypoint:1',
    accounts: 'podling.local/accounts:1',
    archives: [pause.tar, toolbox.tar, ...own],
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

type ImageContent = Parameters<typeof ociArchive>[0];

/** Returns the archive's path. */
export async function writeArchive(folder: string, content: ImageContent): Promise<string> {
  const path = join(folder, `${content.ref.replaceAll(/[/:]/g, '-')}.tar`);
  await writeFile(path, await ociArchive(content));
  return path;
}

function entrypointImage(busybox: Buffer): ImageContent {
  return {
    ref: 'podling.local/entrypoint:1',
    files: busyboxFiles(busybox, ['sh', 'echo'], ['tmp', 'work']),
    entrypoint: ['/bin/echo', 'entry'],
    cmd: ['cmd'],
    env: ['PATH=/bin', 'FROM_IMAGE=yes'],
    workingDir: '/work',
  };
}

/** The accounts are in the middle layer, whose own folder hides what the lowest has; the lowest has a link out of the image. */
function accountsImage(busybox: Buffer): ImageContent {
  return {
    ref: 'podling.local/accounts:1',
    files: [
      ...busyboxFiles(busybox, ['sh', 'id', 'sleep', 'cat', 'grep'], ['tmp', 'usr']),
      { type: 'symlink', name: 'etc/passwd', target: '/proc/self/environ' },
      { type: 'file', name: 'etc/group', data: 'hidden:x:99:web\n' },
    ],
    upperLayers: [
      [
        { type: 'file', name: 'etc/.wh..wh..opq', data: '' },
        { type: 'file', name: 'usr/accounts', data: 'root:x:0:0::/:/bin/sh\nweb:x:33:34::/:/bin/sh\n' },
        { type: 'symlink', name: 'etc/passwd', target: '../usr/accounts' },
        { type: 'file', name: 'etc/group', data: 'root:x:0:\nweb:x:34:web\nstaff:x:50:web\nlogs:x:60:root,web\n' },
      ],
      [{ type: 'file', name: 'usr/.wh.nothing', data: '' }],
    ],
    cmd: ['/bin/sleep', '600'],
    user: 'web',
    stopSignal: 'SIGINT',
    env: ['PATH=/bin'],
  };
}

/** A root with these applets and folders. */
export function busyboxFiles(busybox: Buffer, applets: string[], folders: string[]): ImageContent['files'] {
  return [
    ...['bin', 'proc', 'dev', 'sys', 'etc', ...folders].map((name) => ({ type: 'directory' as const, name })),
    { type: 'file', name: 'bin/busybox', data: busybox, mode: 0o755 },
    ...applets.map((name) => ({ type: 'symlink' as const, name: `bin/${name}`, target: 'busybox' })),
  ];
}
