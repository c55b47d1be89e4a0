import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

const mount = '/sys/fs/cgroup';
const legacyFiles = ['cpuacct/cpuacct.usage', 'memory/memory.usage_in_bytes', 'memory/memory.stat', 'memory/memory.limit_in_bytes', 'pids/pids.current'];
const unifiedFiles = ['cpu.stat', 'memory.current', 'memory.stat', 'memory.max', 'pids.current'];

/** The files that processor, memory and tasks of all pods and containers stand in, read by cat(1): what no scrape can do without. */
export class PlainReading {
  readonly files: string[];

  constructor() {
    const isUnified = existsSync(join(mount, 'cgroup.controllers'));
    const tree = isUnified ? mount : join(mount, 'memory');
    const pods = foldersBelow(tree).filter((folder) => /\/pod[0-9a-f-]{36}(\/[0-9a-f]{64})?$/.test(folder)).map((folder) => folder.slice(tree.length));
    const names = isUnified ? unifiedFiles.map((file) => (pod: string) => join(mount, pod, file)) : legacyFiles.map((file) => (pod: string) => join(mount, file.split('/')[0] ?? '', pod, file.split('/')[1] ?? ''));
    this.files = pods.flatMap((pod) => names.map((name) => name(pod))).filter((file) => existsSync(file));
  }

  /** Processor time of one reading. */
  async cpuMs(times: number): Promise<number> {
    const script = `for i in $(seq ${times}); do cat "$@" > /dev/null; done; times`;
    const { stdout } = await execa('bash', ['-c', script, 'bash', ...this.files]);
    const ofChildren = stdout.trim().split('\n')[1] ?? '';
    const seconds = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest), 0);
    return (seconds * 1000) / times;
  }
}

function foldersBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.flatMap(({ name }) => [join(folder, name), ...foldersBelow(join(folder, name))]);
}
