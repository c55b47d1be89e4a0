import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isRunning, podUntil } from '@podling/deploy/observe';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';
import { KubectlUser } from '../harness/upstream-kubectl.ts';

const world = e2eWorld('kubectl-cp');
const root = join(import.meta.dirname, '../..');
const user = new KubectlUser('/bin/sh', world.cluster.kubeconfigPath);
const MiB = 1024 * 1024;

beforeAll(() => openNamespace(world));
afterAll(async () => {
  user.leave();
  await closeNamespace(world);
});

/** Runs our kubectl; the most memory it ever had, in bytes. */
async function peakOf(...args: string[]): Promise<number> {
  const running = execa(join(root, 'bin/kubectl'), ['-n', world.namespace, ...args], { cwd: user.folder, env: { KUBECONFIG: world.cluster.kubeconfigPath }, stdin: 'ignore' });
  let peak = 0;
  const look = setInterval(() => {
    const status = readFileSync(`/proc/${running.pid}/status`, 'utf8');
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024);
  }, 200);
  await running.finally(() => clearInterval(look));
  return peak;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

describe('1 GiB', () => {
  it('goes through cp both ways, whole, in little memory', async () => {
    await applyPod(world, toolboxPod('store', 'exec sleep 10000'));
    await podUntil(world, 'store', 'Running', isRunning);
    await execa('sh', ['-c', 'head -c 1073741824 /dev/urandom > there'], { cwd: user.folder });
    const sum = await sha256(join(user.folder, 'there'));
    expect(await peakOf('cp', 'there', 'store:/tmp/there')).toBeLessThan(250 * MiB);
    const { stdout } = await world.kubectl(['exec', 'store', '--', 'sha256sum', '/tmp/there']);
    expect(stdout).toBe(`${sum}  /tmp/there\n`);
    expect(await peakOf('cp', 'store:/tmp/there', 'back')).toBeLessThan(250 * MiB);
    expect(await sha256(join(user.folder, 'back'))).toBe(sum);
  });
});
