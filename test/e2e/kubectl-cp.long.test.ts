import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isRunning, podUntil } from '@podling/deploy/observe';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('kubectl-cp');
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'podling-cp-'));
const MiB = 1024 * 1024;

beforeAll(() => openNamespace(world));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await closeNamespace(world);
});

/** Our kubectl, as long as it takes. */
const kubectl = (...args: string[]) =>
  execa(join(root, 'bin/kubectl'), ['-n', world.namespace, ...args], { cwd: folder, env: { KUBECONFIG: world.cluster.kubeconfigPath }, stdin: 'ignore' });

/** The most memory it ever had, in bytes. */
async function peakOf(...args: string[]): Promise<number> {
  const running = kubectl(...args);
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
    await execa('sh', ['-c', 'head -c 1073741824 /dev/urandom > there'], { cwd: folder });
    const sum = await sha256(join(folder, 'there'));
    expect(await peakOf('cp', 'there', 'store:/tmp/there')).toBeLessThan(250 * MiB);
    expect((await kubectl('exec', 'store', '--', 'sha256sum', '/tmp/there')).stdout).toBe(`${sum}  /tmp/there`);
    expect(await peakOf('cp', 'store:/tmp/there', 'back')).toBeLessThan(250 * MiB);
    expect(await sha256(join(folder, 'back'))).toBe(sum);
  });
});
