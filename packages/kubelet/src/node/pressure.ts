import { readFile, statfs } from 'node:fs/promises';

export interface Pressure {
  memory: boolean;
  disk: boolean;
  pid: boolean;
}

const minMemoryBytes = 100 * 1024 * 1024;
/** Kubernetes' default hard eviction threshold. */
const minDiskShare = 0.1;
const minInodeShare = 0.05;
const minPidShare = 0.05;

/** Looks at the node's scarce resources. */
export async function readPressure(rootDir: string): Promise<Pressure> {
  const [meminfo, loadavg, pidMax, disk] = await Promise.all([
    readFile('/proc/meminfo', 'utf8'),
    readFile('/proc/loadavg', 'utf8'),
    readFile('/proc/sys/kernel/pid_max', 'utf8'),
    statfs(rootDir),
  ]);
  const diskFull = disk.bavail < disk.blocks * minDiskShare;
  const inodesFull = disk.files > 0 && disk.ffree < disk.files * minInodeShare;
  return {
    memory: memAvailableBytes(meminfo) < minMemoryBytes,
    disk: diskFull || inodesFull,
    pid: taskCount(loadavg) > Number(pidMax) * (1 - minPidShare),
  };
}

function memAvailableBytes(meminfo: string): number {
  return Number(/^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? Number.MAX_SAFE_INTEGER) * 1024;
}

/** Fourth field: runnable/total. */
function taskCount(loadavg: string): number {
  return Number(loadavg.split(' ')[3]?.split('/')[1] ?? 0);
}
