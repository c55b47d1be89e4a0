import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolchainDir } from '@podling/shared/process';
import { execa } from 'execa';
import { startContainerdNode } from './containerd-node.ts';
import type { ContainerdNode } from './containerd-node.ts';
import { buildCritestImages } from './critest-images.ts';
import { eventually } from './eventually.ts';
import { buildNodeImages } from './node-images.ts';
import type { NodeImages } from './node-images.ts';
import { startRegistry, writeHosts } from './registry.ts';

/** What came of a case of critest. `skipped` is critest's own choice; `message` says why, or how it failed. */
export interface CritestCase {
  name: string;
  state: 'passed' | 'skipped' | 'failed';
  message: string;
}

/** A node whose containerd is served as CRI v1, and a registry with critest's images under their upstream names. */
export interface CritestGround {
  /** Runs every case, or those that match, with critest's further flags. */
  run(only?: { focus: string; flags?: readonly string[] }): Promise<CritestCase[]>;
  stop(): Promise<void>;
}

const UPSTREAM_REGISTRIES = ['gcr.io', 'registry.k8s.io', 'k8s.gcr.io'];
const REPOSITORY = join(import.meta.dirname, '../..');

export async function startCritestGround(): Promise<CritestGround> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (const one of started.reverse()) await one.stop();
  };
  try {
    const images = await buildNodeImages();
    started.push({ stop: images.remove });
    const node = await startContainerdNode({ archives: images.archives });
    started.push(node);
    const registry = await startRegistry({ folder: join(node.folder, 'registry'), ip: node.hostIp });
    started.push(registry);
    await fillRegistry(node, registry.host);
    const server = await startServer(node, images);
    started.push(server);
    return { run: (only) => runCritest(node, server.endpoint, only), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Server {
  endpoint: string;
  stop(): Promise<void>;
}

async function fillRegistry(node: ContainerdNode, host: string): Promise<void> {
  const hosts = `server = "http://${host}"\n[host."http://${host}"]\n`;
  for (const name of [host, ...UPSTREAM_REGISTRIES]) await writeHosts(hostsDir(node), name, hosts);
  const folder = join(node.folder, 'critest-images');
  await mkdir(folder);
  for (const { name, archive } of await buildCritestImages(folder)) {
    await node.ctr('images', 'import', archive);
    await node.nerdctl('tag', `podling.test/${name}`, `${host}/${name}`);
    await node.nerdctl('--hosts-dir', hostsDir(node), 'push', '--quiet', `${host}/${name}`);
    await node.ctr('images', 'rm', '--sync', `${host}/${name}`, `podling.test/${name}`);
  }
}

async function startServer(node: ContainerdNode, images: NodeImages): Promise<Server> {
  const endpoint = `unix://${join(node.folder, 'served.sock')}`;
  const [command = '', ...enter] = node.enter;
  const args = [
    join(REPOSITORY, 'bin/cri-server'), '--listen', endpoint, '--root-dir', join(node.folder, 'served'),
    '--containerd-address', node.address, '--containerd-namespace', node.namespace, '--containerd-state-dir', node.stateDir,
    '--cni-conf-dir', node.cniConfDir, '--nerdctl-data-root', node.nerdctlDataRoot, '--pod-infra-container-image', images.pause,
    '--registry-hosts-dirs', hostsDir(node),
  ];
  const log = { file: join(node.folder, 'cri-server.log') };
  const running = execa(command, [...enter, ...args], { stdin: 'ignore', stdout: log, stderr: log, reject: false });
  const stop = async (): Promise<void> => {
    running.kill('SIGTERM');
    await running;
  };
  await eventually('the CRI server answers', () => execa(join(toolchainDir(), 'bin/crictl'), ['-r', endpoint, '-i', endpoint, 'version'])).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { endpoint, stop };
}

/** In the node's network, as critest looks for host ports at the loopback. */
async function runCritest(node: ContainerdNode, endpoint: string, { focus, flags = [] }: { focus: string; flags?: readonly string[] } = { focus: '' }): Promise<CritestCase[]> {
  const [command = '', ...enter] = node.enter;
  const report = join(node.folder, 'critest.json');
  const folder = join(node.folder, 'critest');
  await mkdir(folder, { recursive: true });
  const args = ['-runtime-endpoint', endpoint, '-image-endpoint', endpoint, `-ginkgo.focus=${focus}`, `-ginkgo.json-report=${report}`, '-ginkgo.no-color', ...flags];
  const before = await sharedMemory();
  await execa(command, [...enter, join(toolchainDir(), 'bin/critest'), ...args], { reject: false, cwd: folder, env: { TMPDIR: folder }, stdout: { file: join(folder, 'log') }, stderr: { file: join(folder, 'errors') } });
  await removeSharedMemory(before);
  if (!existsSync(report)) throw new Error(`critest left no report: ${await readFile(join(folder, 'errors'), 'utf8')}`);
  return casesOf(await readFile(report, 'utf8'));
}

interface SpecReport {
  ContainerHierarchyTexts: string[] | null;
  LeafNodeType: string;
  LeafNodeText: string;
  State: string;
  Failure?: { Message: string };
}

/** Ginkgo's report without its benchmarks and what was not asked for. */
function casesOf(report: string): CritestCase[] {
  const suites = JSON.parse(report) as { SpecReports: SpecReport[] }[];
  const specs = suites.flatMap(({ SpecReports }) => SpecReports).filter(({ LeafNodeType }) => LeafNodeType === 'It');
  const cases = specs.map((spec): CritestCase => ({
    name: [...(spec.ContainerHierarchyTexts ?? []), spec.LeafNodeText].join(' ').replace(/^\[k8s\.io\] /, ''),
    state: spec.State === 'passed' || spec.State === 'skipped' ? spec.State : 'failed',
    message: spec.Failure?.Message ?? '',
  }));
  return cases.filter(({ state, message }) => state !== 'skipped' || message !== '');
}

/** critest makes segments of the machine's shared memory and leaves them. */
async function sharedMemory(): Promise<string[]> {
  const lines = (await readFile('/proc/sysvipc/shm', 'utf8')).split('\n').slice(1);
  return lines.map((line) => line.trim().split(/\s+/)).filter(([, , , bytes]) => bytes === '1048576').map(([, id = '']) => id);
}

async function removeSharedMemory(before: readonly string[]): Promise<void> {
  for (const id of await sharedMemory()) if (!before.includes(id)) await execa('ipcrm', ['-m', id], { reject: false });
}

function hostsDir(node: ContainerdNode): string {
  return join(node.folder, 'certs.d');
}
