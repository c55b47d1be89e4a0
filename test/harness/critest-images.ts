import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolchainDir } from '@podling/shared/process';
import { execa } from 'execa';
import { busyboxFiles, writeArchive } from './node-images.ts';

type ImageContent = Parameters<typeof writeArchive>[1];
type Files = ImageContent['files'];
/** What an image is besides its name. */
type Recipe = Omit<ImageContent, 'ref'>;

/** The names under which critest pulls, without the registry: what an image of ours has instead. */
export interface CritestImage {
  /** `e2e-test-images/busybox:1.29-2`. */
  name: string;
  archive: string;
}

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64' };
const PATH = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin';

/** Of the programs that critest looks with, those that the distribution's busybox lacks. */
const scripts: Record<string, string> = {
  'bin/pgrep': '#!/bin/sh\nexec pidof "$1"\n',
  'bin/ipcs': '#!/bin/sh\n# ipcs -m: the shared memory segments of this namespace, as the kernel lists them.\nexec cat /proc/sysvipc/shm\n',
};

/**
 * Stands for nginx and httpd: a process of that name, which says so, leaves its PID where nginx leaves it, and serves
 * a page from a child.
 */
const webServer = (name: string, port: number): string =>
  `#!/bin/sh\necho "${name}: serves on port ${port}"\necho $$ >/var/run/nginx.pid\nhttpd -f -p ${port} -h /www &\ntrap 'kill $!; exit 0' TERM\nwait $!\n`;

/** Builds what critest pulls, of the distribution's programs, into the folder. */
export async function buildCritestImages(folder: string): Promise<CritestImage[]> {
  const programs = join(toolchainDir(), 'pkg');
  const [busybox, bash, catatonit] = await Promise.all(['bin/busybox', 'bin/bash-static', 'usr/bin/catatonit'].map((path) => readFile(join(programs, path))));
  const { stdout } = await execa(join(programs, 'bin/busybox'), ['--list']);
  const applets = stdout.split('\n').filter((applet) => !['', 'busybox', 'ls'].includes(applet));
  const root = rootFiles(busybox as Buffer, applets);
  const recipes = { ...plainImages(root), ...accountImages(root), ...serverImages(root), ...specialImages(root, bash as Buffer, catatonit as Buffer) };
  return Promise.all(Object.entries(recipes).map(async ([name, recipe]) => ({ name, archive: await writeArchive(folder, { ...recipe, ref: `podling.test/${name}` }) })));
}

function rootFiles(busybox: Buffer, applets: string[]): Files {
  return [
    ...busyboxFiles(busybox, applets, ['root', 'usr', 'usr/bin', 'usr/sbin', 'sbin', 'var', 'var/run', 'www']),
    { type: 'directory', name: 'tmp', mode: 0o1777 },
    // Not a link, so that it can be hidden by itself.
    { type: 'file', name: 'bin/ls', data: busybox, mode: 0o755 },
    { type: 'file', name: 'etc/passwd', data: 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/www:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n' },
    { type: 'file', name: 'etc/group', data: 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n' },
    { type: 'file', name: 'www/index.html', data: 'a page\n' },
    ...Object.entries(scripts).map(([name, data]) => ({ type: 'file' as const, name, data, mode: 0o755 })),
  ];
}

function plainImages(root: Files): Record<string, Recipe> {
  const names = ['test-image-latest:latest', 'test-image-tag:test', 'test-image-tag:all', 'test-image-1:latest', 'test-image-2:latest', 'test-image-3:latest'];
  const distinct = names.map((name) => [`k8s-staging-cri-tools/${name}`, shell([...root, { type: 'file', name: 'test', data: name }])]);
  const same = ['1', '2', '3'].map((tag) => [`k8s-staging-cri-tools/test-image-tags:${tag}`, shell([...root, { type: 'file', name: 'test', data: 'tags' }])]);
  return { 'e2e-test-images/busybox:1.29-2': shell(root), ...Object.fromEntries([...distinct, ...same]) };
}

function accountImages(root: Files): Record<string, Recipe> {
  const users = { uid: '1002', username: 'www-data', 'uid-group': '1003:1003', 'username-group': 'www-data:www-data' };
  const groups: Files = [
    { type: 'file', name: 'etc/passwd', data: 'root:x:0:0:root:/root:/bin/sh\ndefault-user:x:1000:1000::/:/bin/sh\n' },
    { type: 'file', name: 'etc/group', data: 'root:x:0:\ndefault-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n' },
  ];
  return {
    ...Object.fromEntries(Object.entries(users).map(([name, user]) => [`k8s-staging-cri-tools/test-image-user-${name}:latest`, { ...shell(root), user }])),
    'k8s-staging-cri-tools/test-image-predefined-group:latest': { ...shell(root), upperLayers: [groups], user: '1000' },
  };
}

function serverImages(root: Files): Record<string, Recipe> {
  const server = (name: string, port: number): Recipe => ({
    files: [...root, { type: 'file', name: `usr/sbin/${name}`, data: webServer(name, port), mode: 0o755 }],
    entrypoint: [`/usr/sbin/${name}`, 'master process'], env: [PATH],
  });
  return {
    'e2e-test-images/nginx:1.14-2': server('nginx', 80),
    'e2e-test-images/httpd:2.4.39-4': server('httpd-server', 80),
    [`k8s-staging-cri-tools/hostnet-nginx-${ARCHITECTURES[process.arch] ?? process.arch}:latest`]: server('nginx', 12_003),
  };
}

/** A program that tells the user it was started as, and the one whose it is; and the sandbox's. */
function specialImages(root: Files, bash: Buffer, catatonit: Buffer): Record<string, Recipe> {
  return {
    'e2e-test-images/nonewprivs:1.3': {
      files: [...root, { type: 'file', name: 'usr/bin/tell', data: bash, mode: 0o4755 }],
      entrypoint: ['/usr/bin/tell', '-p', '-c', 'echo "Effective uid: $EUID"'], env: [PATH],
    },
    // Not the image of the node's own sandboxes: critest removes it.
    'pause:3.9': { files: [{ type: 'file', name: 'pause', data: catatonit, mode: 0o755 }], entrypoint: ['/pause', '-P'], user: '65535:65535' },
  };
}

function shell(files: Files): Recipe {
  return { files, cmd: ['sh'], env: [PATH] };
}
