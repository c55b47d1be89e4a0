import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerdRuntimeOptions } from '@podling/cri/containerd';
import { containerdConfig, readMachineLimits } from '@podling/cri/containerd-config';
import type { ContainerdConfig } from '@podling/cri/containerd-config';
import { criToolchainBin, mountPointsBelow, toolchainDir } from '@podling/shared/process';
import { execa } from 'execa';
import type { ResultPromise } from 'execa';
import { eventually } from './eventually.ts';

export interface ContainerdNodeOptions {
  /** OCI archives to import. */
  archives: string[];
  /** Serves CRI v1 on the same socket. Default: containerd's own API alone. */
  cri?: CriOptions;
}

export interface CriOptions {
  pauseImage: string;
  /** `old`: the native nodes' containerd, which has no container events when it is the distribution's. */
  containerd?: 'old';
  /** The same API on a TCP port too. */
  tcp?: NonNullable<ContainerdConfig['tcp']>;
}

/**
 * One node's ground without a kubelet: a network namespace that the host reaches over a veth, a containerd of its own in
 * it (root, state, socket), and a CNI bridge network that is named `flannel` as on a real node.
 */
export interface ContainerdNode extends Pick<ContainerdRuntimeOptions, 'address' | 'namespace' | 'stateDir' | 'toolchainDir' | 'cniConfDir' | 'cniBinDir' | 'nerdctlDataRoot'> {
  folder: string;
  cgroupParent: string;
  /** This machine, as the node sees it. */
  hostIp: string;
  /** The node, as this machine sees it. */
  nodeIp: string;
  /** The command and leading arguments that enter the node's network. */
  enter: string[];
  ctr(...args: string[]): Promise<string>;
  nerdctl(...args: string[]): Promise<string>;
  /** kill -9; containers go on. */
  killContainerd(): Promise<void>;
  startContainerd(): Promise<void>;
  /** Removes every container, process, mount, cgroup, link and file of the node. */
  stop(): Promise<void>;
}

interface Network {
  name: string;
  hostLink: string;
  hostIp: string;
  nodeIp: string;
  podCidr: string;
}

export async function startContainerdNode(options: ContainerdNodeOptions): Promise<ContainerdNode> {
  const node = new Node(await mkdtemp(join(tmpdir(), 'podling-node-')), pickNetwork(), options.cri);
  try {
    await node.start(options.archives);
    return node;
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/** The first /24 of 10.231/16 that no interface here uses gives the link its addresses, 10.232/16 the pods theirs. */
function pickNetwork(): Network {
  const taken = new Set(Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address)));
  const offset = randomBytes(1).readUInt8();
  const candidates = Array.from({ length: 256 }, (_, index) => (index + offset) % 256);
  const third = candidates.find((candidate) => !taken.has(`10.231.${candidate}.1`)) ?? 0;
  const name = `pdn${third}x${randomBytes(2).toString('hex')}`;
  return { name, hostLink: `v${name}`, hostIp: `10.231.${third}.1`, nodeIp: `10.231.${third}.2`, podCidr: `10.232.${third}.0/24` };
}

class Node implements ContainerdNode {
  readonly folder: string;
  readonly address: string;
  readonly namespace: string;
  readonly stateDir: string;
  readonly toolchainDir = toolchainDir();
  readonly cniConfDir: string;
  readonly cniBinDir = join(toolchainDir(), 'cni/bin');
  readonly nerdctlDataRoot: string;
  readonly cgroupParent: string;
  readonly hostIp: string;
  readonly nodeIp: string;
  readonly enter: string[];
  readonly #network: Network;
  readonly #cri: CriOptions | undefined;
  #containerd: ResultPromise<{ stdio: 'ignore' }> | undefined;

  constructor(folder: string, network: Network, cri: CriOptions | undefined) {
    this.folder = folder;
    this.#network = network;
    this.#cri = cri;
    this.namespace = cri ? 'k8s.io' : 'podling';
    this.address = join(folder, 'containerd.sock');
    this.stateDir = join(folder, 'cri');
    this.cniConfDir = join(folder, 'cni');
    this.nerdctlDataRoot = join(folder, 'nerdctl');
    this.cgroupParent = `/${network.name}`;
    this.hostIp = network.hostIp;
    this.nodeIp = network.nodeIp;
    this.enter = ['nsenter', `--net=/run/netns/${network.name}`];
  }

  async start(archives: string[]): Promise<void> {
    await this.#createNetwork();
    await this.#writeConfiguration();
    await this.startContainerd();
    for (const archive of archives) await this.ctr('images', 'import', archive);
  }

  async ctr(...args: string[]): Promise<string> {
    const { stdout } = await execa(this.#bin('ctr'), ['--address', this.address, '--namespace', this.namespace, ...args]);
    return stdout;
  }

  async nerdctl(...args: string[]): Promise<string> {
    const place = ['--address', this.address, '--namespace', this.namespace, '--data-root', this.nerdctlDataRoot];
    const cni = ['--cni-netconfpath', this.cniConfDir, '--cni-path', this.cniBinDir];
    const { stdout } = await execa(this.#bin('nerdctl'), [...place, ...cni, ...args], { env: this.#environment() });
    return stdout;
  }

  async startContainerd(): Promise<void> {
    const [command = '', ...enter] = this.enter;
    const args = [...enter, join(this.#containerdBin(), 'containerd'), '--config', join(this.folder, 'config.toml')];
    const log = { file: join(this.folder, 'containerd.log'), append: true };
    this.#containerd = execa(command, args, { stdin: 'ignore', stdout: log, stderr: log, env: this.#environment(), reject: false, cleanup: true }) as never;
    await eventually('containerd answers', () => this.ctr('version'), { timeoutMs: 20_000 });
  }

  async killContainerd(): Promise<void> {
    this.#containerd?.kill('SIGKILL');
    await this.#containerd;
    this.#containerd = undefined;
  }

  async stop(): Promise<void> {
    if (this.#containerd === undefined && existsSync(this.address)) await this.startContainerd();
    if (this.#containerd !== undefined) await this.#removeContainers();
    await this.killContainerd();
    await this.#endLogProcess();
    await this.#unmountAll();
    await execa('ip', ['netns', 'delete', this.#network.name], { reject: false });
    await execa('ip', ['link', 'delete', this.#network.hostLink], { reject: false });
    await this.#removeCgroups();
    await this.#removeCachedResults();
    await rm(this.folder, { recursive: true, force: true });
  }

  #bin(name: string): string {
    return join(this.toolchainDir, 'bin', name);
  }

  #containerdBin(): string {
    return this.#cri && this.#cri.containerd !== 'old' ? criToolchainBin() : join(this.toolchainDir, 'bin');
  }

  #environment(): Record<string, string> {
    return { PATH: `${this.#containerdBin()}:${join(this.toolchainDir, 'bin')}:${process.env['PATH'] ?? ''}` };
  }

  async #createNetwork(): Promise<void> {
    const { name, hostLink, hostIp, nodeIp, podCidr } = this.#network;
    await execa('ip', ['netns', 'add', name]);
    await execa('ip', ['link', 'add', hostLink, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
    await execa('ip', ['address', 'add', `${hostIp}/24`, 'dev', hostLink]);
    await execa('ip', ['link', 'set', hostLink, 'up']);
    await execa('ip', ['route', 'add', podCidr, 'via', nodeIp]);
    const inside = (...args: string[]) => execa('ip', ['-n', name, ...args]);
    await inside('link', 'set', 'lo', 'up');
    await inside('address', 'add', `${nodeIp}/24`, 'dev', 'eth0');
    await inside('link', 'set', 'eth0', 'up');
    await inside('route', 'add', 'default', 'via', hostIp);
  }

  async #writeConfiguration(): Promise<void> {
    await mkdir(this.cniConfDir);
    await writeFile(join(this.folder, 'config.toml'), this.#containerdConfig());
    await writeFile(join(this.cniConfDir, '10-flannel.conflist'), bridgeConflist(this.#network, join(this.folder, 'ipam')));
  }

  #containerdConfig(): string {
    const place = { root: join(this.folder, 'root'), state: join(this.folder, 'state'), socket: this.address };
    if (this.#cri === undefined) return containerdConfig(place);
    const { maySetOomScore, hasHugetlbController } = readMachineLimits();
    const { pauseImage: sandboxImage, tcp } = this.#cri;
    const cni = { cniBinDir: this.cniBinDir, cniConfDir: this.cniConfDir };
    const limits = { restrictOomScoreAdj: !maySetOomScore, disableHugetlbController: !hasHugetlbController };
    // The host reaches the node's streams too.
    const streamServerAddress = this.#network.nodeIp;
    return containerdConfig({ ...place, cri: { sandboxImage, streamServerAddress, ...cni, ...limits, cgroupDriver: 'cgroupfs', netnsInStateDir: true }, ...(tcp ? { tcp } : {}) });
  }

  async #removeContainers(): Promise<void> {
    const ids = (await this.ctr('containers', 'list', '--quiet')).split('\n').filter((id) => id !== '');
    for (const id of ids) {
      await execa(this.#bin('ctr'), ['--address', this.address, '-n', this.namespace, 'tasks', 'rm', '--force', id], { reject: false });
      await execa(this.#bin('ctr'), ['--address', this.address, '-n', this.namespace, 'containers', 'rm', id], { reject: false });
    }
    await this.#endShims();
  }

  /** A shim whose nerdctl was killed while it started may have no container that would end it. */
  async #endShims(): Promise<void> {
    const ended = async () => (await shimsOf(this.address)).length === 0;
    await eventually('every shim of the node has ended', ended, { timeoutMs: 5_000 }).catch(async () => {
      for (const pid of await shimsOf(this.address)) process.kill(pid, 'SIGKILL');
      await eventually('every shim of the node is killed', ended);
    });
  }

  async #endLogProcess(): Promise<void> {
    const pid = Number(await readFile(join(this.stateDir, 'log-process.pid'), 'utf8').catch(() => '0'));
    if (pid === 0 || !existsSync(`/proc/${pid}`)) return;
    process.kill(pid, 'SIGTERM');
    await eventually('the log process has ended', () => !existsSync(`/proc/${pid}`));
  }

  async #unmountAll(): Promise<void> {
    for (const target of mountPointsBelow(this.folder)) await execa('umount', ['--lazy', target], { reject: false });
  }

  /** CNI's result cache is one folder for the machine; each record carries the configuration, which names our folder. */
  async #removeCachedResults(): Promise<void> {
    const cache = '/var/lib/cni/results';
    for (const file of await readdir(cache).catch(() => [])) {
      const record = JSON.parse((await readFile(join(cache, file), 'utf8').catch(() => '')) || '{}') as { config?: string };
      if (Buffer.from(record.config ?? '', 'base64').toString().includes(`${this.folder}/`)) await rm(join(cache, file), { force: true });
    }
  }

  async #removeCgroups(): Promise<void> {
    for (const controller of ['', ...(await readdir('/sys/fs/cgroup'))]) {
      // A container without a cgroup parent is put below its containerd namespace.
      for (const group of [this.cgroupParent, this.namespace]) {
        const folder = join('/sys/fs/cgroup', controller, group);
        if (existsSync(folder)) await execa('find', [folder, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'], { reject: false });
      }
    }
  }
}

/** PIDs. */
export async function shimsOf(address: string): Promise<number[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid,args']);
  const lines = stdout.split('\n').filter((line) => line.includes('containerd-shim') && line.includes(address));
  return lines.map((line) => Number.parseInt(line, 10));
}

function bridgeConflist(network: Network, ipamFolder: string): string {
  const ipam = { type: 'host-local', dataDir: ipamFolder, ranges: [[{ subnet: network.podCidr }]], routes: [{ dst: '0.0.0.0/0' }] };
  const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: false, hairpinMode: true, ipam };
  const portmap = { type: 'portmap', capabilities: { portMappings: true } };
  return JSON.stringify({ cniVersion: '0.3.1', name: 'flannel', plugins: [bridge, portmap] });
}
