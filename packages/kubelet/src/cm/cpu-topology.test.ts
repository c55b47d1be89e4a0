import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { cpusPerCore, readCpuTopology, wholeCores } from './cpu-topology.ts';

/** As sysfs has it: [cpu, siblings, socket, node]. */
async function sysfs(online: string, cpus: [id: number, siblings: string, socket: string, node: number][]): Promise<string> {
  const root = await tempDir();
  await writeFile(join(root, 'online'), `${online}\n`);
  for (const [id, siblings, socket, node] of cpus) {
    await mkdir(join(root, `cpu${id}/topology`), { recursive: true });
    await mkdir(join(root, `cpu${id}/node${node}`));
    await writeFile(join(root, `cpu${id}/topology/thread_siblings_list`), `${siblings}\n`);
    await writeFile(join(root, `cpu${id}/topology/physical_package_id`), `${socket}\n`);
  }
  return root;
}

describe('readCpuTopology', () => {
  it('knows threads, cores, sockets and nodes of the CPUs that are online', async () => {
    const root = await sysfs('0-2,4', [[0, '0,2', '0', 0], [1, '1,3', '0', 0], [2, '0,2', '0', 0], [3, '1,3', '0', 0], [4, '4', '1', 1]]);
    const topology = await readCpuTopology(root);
    expect(topology).toEqual([
      { id: 0, core: 0, socket: 0, numaNode: 0 }, { id: 1, core: 1, socket: 0, numaNode: 0 }, { id: 2, core: 0, socket: 0, numaNode: 0 }, { id: 4, core: 4, socket: 1, numaNode: 1 },
    ]);
    expect([...wholeCores(topology, new Set([2]))]).toEqual([0, 2]);
  });

  it('takes a CPU that tells nothing for a core of its own', async () => {
    const root = await tempDir();
    await writeFile(join(root, 'online'), '0-1');
    const topology = await readCpuTopology(root);
    expect(topology).toEqual([{ id: 0, core: 0, socket: 0, numaNode: 0 }, { id: 1, core: 1, socket: 0, numaNode: 0 }]);
    expect(cpusPerCore(topology)).toBe(1);
  });
});
