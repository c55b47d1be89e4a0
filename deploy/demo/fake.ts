import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { kubectlFor, mustSucceed, waitUntil } from '../observe/index.ts';
import type { Kubectl } from '../observe/index.ts';
import type { Checklist } from './checklist.ts';

const root = join(import.meta.dirname, '../..');
const examples = join(root, 'examples');

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function kubeconfig(server: string): string {
  const named = (key: string, value: object): object => ({ name: 'fake', [key]: value });
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [named('cluster', { server })],
    users: [named('user', {})],
    contexts: [named('context', { cluster: 'fake', user: 'fake' })],
    'current-context': 'fake',
  });
}

/** Processes of the control plane and two kubelets on the in-memory runtime, in a folder of their own. */
class FakeCluster {
  readonly folder: string;
  readonly #children: ChildProcess[] = [];

  constructor(folder: string) {
    this.folder = folder;
  }

  get kubeconfigPath(): string {
    return join(this.folder, 'kubeconfig');
  }

  async start(name: string, launcher: string, args: string[]): Promise<void> {
    const log = await open(join(this.folder, `${name}.log`), 'a');
    this.#children.push(spawn(join(root, 'bin', launcher), args, { stdio: ['ignore', log.fd, log.fd] }));
    await log.close();
  }

  async logTail(name: string): Promise<string> {
    return (await readFile(join(this.folder, `${name}.log`), 'utf8')).split('\n').slice(-5).join('\n');
  }

  async stop(): Promise<void> {
    const ends = this.#children
      .filter((child) => child.exitCode === null && child.signalCode === null)
      .map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())));
    for (const child of this.#children) child.kill('SIGTERM');
    await Promise.all(ends);
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function up(cluster: FakeCluster): Promise<undefined> {
  const port = await freePort();
  const server = `http://127.0.0.1:${port}`;
  await writeFile(cluster.kubeconfigPath, kubeconfig(server), { mode: 0o600 });
  await cluster.start('apiserver', 'apiserver', ['--storage', 'memory', '--insecure-bind', `127.0.0.1:${port}`, '--disable-admission-plugins', 'ServiceAccount']);
  await waitUntil(`the apiserver (${await cluster.logTail('apiserver')})`, async () => (await fetch(`${server}/readyz`)).ok, { timeoutMs: 30_000 });
  const config = ['--kubeconfig', cluster.kubeconfigPath];
  await cluster.start('scheduler', 'scheduler', config);
  await cluster.start('controller-manager', 'controller-manager', config);
  for (const node of ['node-1', 'node-2']) {
    const folders = ['--root-dir', join(cluster.folder, node), '--address', '127.0.0.1', '--port', '0'];
    await cluster.start(node, 'kubelet', [...config, ...folders, '--container-runtime', 'fake', '--cluster-dns', '10.96.0.10', '--hostname-override', node]);
  }
  return undefined;
}

async function nodesReady(kubectl: Kubectl): Promise<string> {
  return waitUntil(
    'both nodes to be Ready',
    async () => {
      const table = await mustSucceed(kubectl, ['get', 'nodes']);
      return table.match(/ Ready /g)?.length === 2 && table;
    },
    { timeoutMs: 60_000 },
  );
}

async function webRuns(kubectl: Kubectl): Promise<string> {
  await mustSucceed(kubectl, ['apply', '-f', join(examples, 'web.yaml')]);
  return waitUntil(
    'web to run',
    async () => {
      const table = await mustSucceed(kubectl, ['get', 'pods', '-o', 'wide']);
      return / Running /.test(table) && table;
    },
    { timeoutMs: 60_000 },
  );
}

/** The control plane alone: memory storage, real scheduler and controllers, kubelets on the in-memory runtime. */
export async function fakeDemo(list: Checklist): Promise<void> {
  const cluster = new FakeCluster(await mkdtemp(join(tmpdir(), 'podling-demo-')));
  const kubectl = kubectlFor(cluster.kubeconfigPath);
  try {
    await list.check({ title: 'apiserver on memory storage, scheduler, controller-manager, two kubelets on an in-memory runtime', run: () => up(cluster) });
    await list.check({ title: 'both nodes are Ready', run: () => nodesReady(kubectl) });
    await list.check({ title: 'kubectl apply -f examples/web.yaml: the pod is bound and reported Running', run: () => webRuns(kubectl) });
    await list.check({ title: 'kubectl delete pod web', run: () => mustSucceed(kubectl, ['delete', 'pod', 'web', '--timeout', '60s']) });
  } finally {
    await cluster.stop();
  }
}
