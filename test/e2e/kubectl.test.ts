import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning, podUntil, waitUntil } from '@podling/deploy/observe';
import { toolchainDir } from '@podling/shared/process';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, deletePods, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';

const world = e2eWorld('kubectl');
let folder: string;

beforeAll(async () => {
  await openNamespace(world);
  folder = mkdtempSync(join(tmpdir(), 'podling-kubectl-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await closeNamespace(world);
});

const binaries = [
  ['ours', join(import.meta.dirname, '../../bin/kubectl')],
  ['the upstream', join(toolchainDir(), 'bin/kubectl')],
] as const;

describe.each(binaries)('%s kubectl', (_whose, binary) => {
  const kubectl = (...args: string[]) =>
    execa(binary, [...args, '-n', world.namespace], { cwd: folder, env: { KUBECONFIG: world.cluster.kubeconfigPath, HOME: folder, NO_COLOR: '1', FORCE_COLOR: undefined }, reject: false, stdin: 'ignore' });

  it('[M4] gets nodes, applies twice, gets, logs and deletes, from any directory', async () => {
    const file = join(folder, 'pod.json');
    writeFileSync(file, JSON.stringify(toolboxPod('tour', 'echo hello; sleep 1000', { labels: { app: 'tour' } })));
    const nodes = await kubectl('get', 'nodes');
    expect(nodes.stdout).toMatch(/^NAME\s+STATUS\s+ROLES\s+AGE\s+VERSION\n/);
    expect(nodes.stdout.match(/ Ready /g)).toHaveLength(2);
    expect((await kubectl('apply', '-f', file)).stdout).toBe('pod/tour created');
    expect((await kubectl('apply', '-f', file)).stdout).toBe('pod/tour unchanged');
    await podUntil(world, 'tour', 'Running', isRunning);
    const labelled = JSON.stringify(toolboxPod('tour', 'echo hello; sleep 1000', { labels: { app: 'tour', more: 'yes' } }));
    writeFileSync(file, labelled);
    expect((await kubectl('apply', '-f', file)).stdout).toBe('pod/tour configured');
    expect((await kubectl('get', 'nodes,pods')).stdout).toMatch(/pod\/tour\s+1\/1\s+Running/);
    expect((await kubectl('get', 'pods', '-l', 'more=yes', '-o', 'name')).stdout).toBe('pod/tour');
    expect((await kubectl('get', 'pods', '-A', '-o', 'wide')).stdout).toMatch(/NAMESPACE\s+NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE/);
    expect((await kubectl('get', 'pod', 'tour', '-o', 'yaml')).stdout).toContain('phase: Running');
    expect(JSON.parse((await kubectl('get', 'pod', 'tour', '-o', 'json')).stdout)).toMatchObject({ kind: 'Pod', apiVersion: 'v1' });
    expect((await kubectl('logs', 'tour')).stdout).toBe('hello');
    expect((await kubectl('describe', 'pod', 'tour')).stdout).toMatch(/Successfully assigned kubectl\/tour/);
    expect((await kubectl('delete', 'pod', 'tour')).stdout).toMatch(/^pod "tour" deleted/);
    const gone = await kubectl('get', 'pod', 'tour');
    expect(gone).toMatchObject({ exitCode: 1, stderr: 'Error from server (NotFound): pods "tour" not found' });
  });

  it('[M4] watches: rows come as the pod changes', async () => {
    const watching = kubectl('get', 'pods', '-w');
    let rows = '';
    watching.stdout?.on('data', (text) => (rows += String(text)));
    const file = join(folder, 'watched.json');
    writeFileSync(file, JSON.stringify(toolboxPod('watched', 'sleep 1000')));
    try {
      await applyPod(world, toolboxPod('before', 'sleep 1000'));
      await waitUntil('the watch to be in place', () => /before\s+1\/1\s+Running/.test(rows), { timeoutMs: 60_000 });
      expect((await kubectl('apply', '-f', file)).exitCode).toBe(0);
      await waitUntil('the row of a running pod', () => /watched\s+1\/1\s+Running/.test(rows), { timeoutMs: 60_000 });
    } finally {
      watching.kill('SIGINT');
      await watching;
    }
    expect(rows).toMatch(/watched\s+0\/1\s+(Pending|ContainerCreating)/);
    await deletePods(world);
  });

  it('[M4] [D5] says what is wrong and exits with 1', async () => {
    const refused = await execa(binary, ['get', 'pods', '--server', 'http://127.0.0.1:1'], { reject: false, stdin: 'ignore', env: { HOME: folder, KUBECONFIG: '', FORCE_COLOR: undefined } });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?');
    const unknown = await kubectl('get', 'gizmos');
    expect(unknown).toMatchObject({ exitCode: 1, stderr: 'error: the server doesn\'t have a resource type "gizmos"' });
  });
});
