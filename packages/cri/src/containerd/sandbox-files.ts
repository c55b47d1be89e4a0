import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname as nodeHostname } from 'node:os';
import { join } from 'node:path';
import { isMountPoint } from '@podling/shared/process';
import type { PodSandboxConfig } from '../cri.ts';
import { exec, ExecError } from './exec.ts';

const SHM_OPTIONS = 'mode=1777,size=65536k,nosuid,nodev,noexec';

/** Files of a sandbox that its containers mount. */
export interface SandboxFiles {
  shmPath: string;
  hostsPath: string;
  resolvConfPath: string;
  hostnamePath: string;
}

export function sandboxFiles(folder: string): SandboxFiles {
  return {
    shmPath: join(folder, 'shm'),
    hostsPath: join(folder, 'hosts'),
    resolvConfPath: join(folder, 'resolv.conf'),
    hostnamePath: join(folder, 'hostname'),
  };
}

/** One /dev/shm for all containers of a sandbox: joining the ipc namespace alone does not share it. */
export async function mountShm(folder: string): Promise<void> {
  const { shmPath } = sandboxFiles(folder);
  mkdirSync(shmPath, { recursive: true });
  if (isMountPoint(shmPath)) return;
  await exec('mount', ['-t', 'tmpfs', '-o', SHM_OPTIONS, 'shm', shmPath]);
}

export async function unmountShm(folder: string): Promise<void> {
  const { shmPath } = sandboxFiles(folder);
  if (!isMountPoint(shmPath)) return;
  try {
    await exec('umount', ['--lazy', shmPath]);
  } catch (error) {
    if (!(error instanceof ExecError) || isMountPoint(shmPath)) throw error;
  }
}

export function writeSandboxFiles(folder: string, config: PodSandboxConfig, ip: string): void {
  const files = sandboxFiles(folder);
  const onNode = config.namespaces?.network === 'NODE';
  writeFileSync(files.hostsPath, onNode ? readNodeFile('/etc/hosts') : hostsFile(ip, config.hostname));
  writeFileSync(files.hostnamePath, `${onNode ? nodeHostname() : config.hostname}\n`);
  writeFileSync(files.resolvConfPath, config.dns === undefined ? readNodeFile('/etc/resolv.conf') : resolvConf(config.dns));
}

export function hostsFile(ip: string, hostname: string): string {
  return [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...(ip === '' ? [] : [`${ip}\t${hostname}`]),
    '',
  ].join('\n');
}

export function resolvConf(dns: NonNullable<PodSandboxConfig['dns']>): string {
  const lines = [
    ...(dns.searches.length > 0 ? [`search ${dns.searches.join(' ')}`] : []),
    ...dns.servers.map((server) => `nameserver ${server}`),
    ...(dns.options.length > 0 ? [`options ${dns.options.join(' ')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function readNodeFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
