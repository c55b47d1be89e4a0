import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { openAuthority } from '@podling/deploy/pki';
import { toolchainDir } from '@podling/shared/process';
import { execa } from 'execa';
import { eventually } from './eventually.ts';
import { busyboxFiles, writeArchive } from './node-images.ts';

/** The password of `RegistryOptions.password`, and what a registry keeps of it (bcrypt). */
export const registryUser = { username: 'puller', password: 's3cret:with:colon' };
const passwordHash = '$2b$04$UnXlfNb2kwm.GpYbxJR32uhLLd/riZtmXqa9XR4orr/vXxMbH/C3O';

export interface RegistryOptions {
  /** For its files; several may share `data`. */
  folder: string;
  /** An address of this machine that the nodes reach. */
  ip: string;
  /** With a certificate of an authority that nobody knows; `certFile` is the authority's. */
  tls?: boolean;
  /** Only `registryUser` is let in. */
  password?: boolean;
  /** Default `FOLDER/data`. */
  data?: string;
  /** The command and leading arguments that enter the network of `ip`, where that is not this machine's. */
  enter?: readonly string[];
}

export interface Registry {
  /** `IP:PORT`, the first part of an image's name. */
  host: string;
  /** Of the authority; empty without TLS. */
  certFile: string;
  stop(): Promise<void>;
}

/** The distribution's own registry. */
export async function startRegistry({ folder, ip, tls = false, password = false, data = join(folder, 'data'), enter = ['env'] }: RegistryOptions): Promise<Registry> {
  await mkdir(folder, { recursive: true });
  const port = await freePort(ip);
  const pair = { cert: join(folder, 'registry.crt'), key: join(folder, 'registry.key') };
  const authority = tls ? await openAuthority(folder, 'ca', 'registry test') : undefined;
  await authority?.ensure(pair, { commonName: ip, usages: ['server'], ips: [ip] });
  await writeFile(join(folder, 'htpasswd'), `${registryUser.username}:${passwordHash}\n`);
  const config = {
    version: '0.1', log: { level: 'error' }, storage: { filesystem: { rootdirectory: data } },
    http: { addr: `${ip}:${port}`, ...(tls ? { tls: { certificate: pair.cert, key: pair.key } } : {}) },
    ...(password ? { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } } : {}),
  };
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config));
  const env = { OTEL_TRACES_EXPORTER: 'none' };
  const [command = '', ...place] = enter;
  const running = execa(command, [...place, join(toolchainDir(), 'pkg/usr/bin/docker-registry'), 'serve', join(folder, 'config.yml')], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore', reject: false, env });
  const stop = async (): Promise<void> => {
    running.kill('SIGTERM');
    await running;
  };
  await eventually('the registry listens', () => answers(place, command, ip, port)).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { host: `${ip}:${port}`, certFile: authority?.certFile ?? '', stop };
}

/** What a node must know of a registry: containerd's `hosts.toml`, with the files it names. */
export async function writeHosts(hostsDir: string, registry: string, hosts: string): Promise<void> {
  const file = join(hostsDir, registry, 'hosts.toml');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, hosts);
}

async function answers(place: readonly string[], command: string, ip: string, port: number): Promise<boolean> {
  return !(await execa(command, [...place, 'bash', '-c', `: < /dev/tcp/${ip}/${port}`], { reject: false })).failed;
}

function freePort(ip: string): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, ip, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** An image of busybox and, if asked for, of so many bytes that no other image has. */
export async function busyboxArchive(folder: string, ref: string, ballastBytes = 0): Promise<string> {
  const busybox = await readFile(join(toolchainDir(), 'pkg/bin/busybox'));
  const ballast = { type: 'file' as const, name: 'ballast', data: randomBytes(ballastBytes) };
  return writeArchive(folder, { ref, files: [...busyboxFiles(busybox, ['sh', 'sleep', 'echo'], ['tmp']), ballast], cmd: ['/bin/sleep', '1000'], env: ['PATH=/bin'] });
}
