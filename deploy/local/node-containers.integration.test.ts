import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine } from '@podling/shared/process';
import { waitUntil } from '../wait-until.ts';
import { processesNaming } from './node-containers.ts';

let folder = '';
const children: ChildProcess[] = [];
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'podling-naming-'))));
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

async function follow(file: string, argv0: string): Promise<number> {
  const child = spawn('tail', ['-f', file], { argv0, stdio: 'ignore' });
  children.push(child);
  const pid = child.pid ?? 0;
  await waitUntil('its command line', () => commandLine(pid)[0] === argv0, { timeoutMs: 5000 });
  return pid;
}

describe('processesNaming', () => {
  it("finds a cluster's program, and never somebody who only looks at its files", async () => {
    const file = join(folder, 'etcd.log');
    await writeFile(file, '');
    const etcd = await follow(file, '/tools/bin/etcd');
    await follow(file, 'tail');
    expect(processesNaming(folder)).toEqual([etcd]);
  });
});
