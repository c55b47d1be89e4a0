import { readFile, statfs } from 'node:fs/promises';
import { arch, availableParallelism, release, totalmem } from 'node:os';
import type { NodeSystemInfo } from '@podling/shared/api';

/** What the node offers and is. */
export interface MachineInfo {
  cpuMilli: bigint;
  memoryBytes: bigint;
  ephemeralStorageBytes: bigint;
  /** 0: none. */
  swapBytes: bigint;
  systemInfo: Omit<NodeSystemInfo, 'containerRuntimeVersion'>;
}

/** The Kubernetes version whose API this node speaks. */
export const kubeletVersion = 'v1.36.0-podling';

const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm' };

export async function readMachineInfo(rootDir: string): Promise<MachineInfo> {
  const [machineID, systemUUID, bootID, osRelease, meminfo, disk] = await Promise.all([
    readText('/etc/machine-id').then((id) => id || readText('/var/lib/dbus/machine-id')),
    readText('/sys/class/dmi/id/product_uuid'),
    readText('/proc/sys/kernel/random/boot_id'),
    readText('/etc/os-release'),
    readText('/proc/meminfo'),
    statfs(rootDir, { bigint: true }),
  ]);
  const swapBytes = BigInt(/^SwapTotal:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? 0) * 1024n;
  return {
    cpuMilli: BigInt(availableParallelism()) * 1000n,
    memoryBytes: BigInt(totalmem()),
    ephemeralStorageBytes: disk.blocks * disk.bsize,
    swapBytes,
    systemInfo: {
      machineID,
      systemUUID: systemUUID || machineID,
      bootID,
      kernelVersion: release(),
      osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? 'Linux',
      kubeletVersion,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: architectureOf(),
      ...(swapBytes > 0n ? { swap: { capacity: Number(swapBytes) } } : {}),
    },
  };
}

export function architectureOf(): string {
  return architectures[arch()] ?? arch();
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').then((text) => text.trim(), () => '');
}
