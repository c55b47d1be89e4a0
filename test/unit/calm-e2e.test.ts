import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../e2e');
const calm = globSync('*.test.ts', { cwd: folder });
/** What ends, halts or starts a process of the cluster. */
const disturbance = /\b(?:kubelet|containerd|flanneld|coredns|etcd|apiserver|scheduler|part)\.(?:kill|start|stop)\(|\bcluster\.(?:process|restart|up|down)\(|\bwhileHung\(/;

/** The file's own text and that of the harness it imports. */
function textsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const harness = [...text.matchAll(/from '((?:\.\.?\/)+(?:harness\/)?[\w-]+\.ts)'/g)].map(([, imported = '']) => join(dirname(path), imported));
  return [text, ...harness.flatMap(textsOf)];
}

const disturbs = (path: string): boolean => textsOf(path).some((text) => disturbance.test(text));

describe('end-to-end files that run beside each other', () => {
  it.each(calm)('%s leaves the processes of the cluster they share alone', (file) => {
    expect(disturbs(join(folder, file)), 'what kills or restarts belongs to test/e2e/faults').toBe(false);
  });

  it('are told from those that kill, also by way of the harness', () => {
    const faults = ['killed-kubelet', 'dns', 'restart-each-process', 'logs-survive', 'failpoints', 'hung-runtime', 'nodes'];
    expect(faults.filter((name) => !disturbs(join(folder, 'faults', `${name}.test.ts`)))).toEqual([]);
  });
});
