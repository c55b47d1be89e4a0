import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { Turns } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { PortMapping } from '../cri.ts';
import { exec, ExecError } from './exec.ts';
import type { ExecOptions } from './exec.ts';
import type { ImageProcess } from './image-config.ts';
import { readProcesses } from './process-table.ts';

export interface NerdctlOptions {
  address: string;
  namespace: string;
  toolchainDir: string;
  dataRoot: string;
  cniConfDir: string;
  cniBinDir: string;
  cgroupManager: 'cgroupfs' | 'systemd';
  /** With a folder per registry, as containerd's `certs.d`. Default: containerd's and Docker's in /etc. */
  registryHostsDirs?: readonly string[];
}

/** What a pause container is made of where it needs no snapshot. */
export interface PauseContent {
  rootPath: string;
  process: ImageProcess;
}

export interface NerdctlRun {
  name: string;
  image: string;
  /** The image's content, where it is laid out already. */
  content: PauseContent | undefined;
  /** nerdctl's own words: `unconfined`, or the path of a profile. */
  seccomp: string;
  network: string;
  /** Of the network's configuration. Must be there as long as the container is. */
  cniConfDir: string;
  hostname: string;
  labels: Record<string, string>;
  cgroupParent: string;
  portMappings: readonly PortMapping[];
  /** Network and hostname are the node's. The pause process has pid and ipc of its own, which not every container joins. */
  nodeNetwork: boolean;
  sysctls: Record<string, string>;
}

export interface PullCommand extends Pick<ExecOptions, 'signal' | 'onSpawn'> {
  dockerConfig: string;
}

const RUN_TIMEOUT_MS = 60_000;
/** A run ends before there is anything worth collecting, and would collect a dozen times until then. */
const SHORT_LIVED = { GOGC: 'off' };
/** nerdctl takes 30 MB and most of a core: more at once start no sooner. */
const RUNS_AT_ONCE = Math.max(8, 4 * availableParallelism());
const CONTAINER_ID = /^[0-9a-f]{64}$/;

/** The nerdctl command of one node: sandboxes and pulls. */
export class NerdctlCli {
  readonly #command: string;
  readonly #globalFlags: string[];
  readonly #runs = new Turns(RUNS_AT_ONCE);
  readonly #environment: Record<string, string>;
  readonly #hostsDirs: readonly string[];

  constructor(options: NerdctlOptions) {
    const bin = join(options.toolchainDir, 'bin');
    this.#command = join(bin, 'nerdctl');
    this.#hostsDirs = options.registryHostsDirs ?? [];
    this.#globalFlags = [
      '--address', options.address, '--namespace', options.namespace, '--data-root', options.dataRoot,
      '--cni-netconfpath', options.cniConfDir, '--cni-path', options.cniBinDir,
      '--cgroup-manager', options.cgroupManager,
    ];
    this.#environment = { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  }

  /** Starts a detached container and returns its id. `onSpawn` is called when it was its turn. */
  async run(run: NerdctlRun, onSpawn: () => void): Promise<string> {
    const id = await this.#runs.take(() => this.#exec(['--cni-netconfpath', run.cniConfDir, ...runArguments(run)], { timeoutMs: RUN_TIMEOUT_MS, env: SHORT_LIVED, onSpawn }));
    if (!CONTAINER_ID.test(id)) throw new CriError('Unknown', `nerdctl run printed no container id: ${id}`);
    return id;
  }

  /** The names that a `run` is under way for, be it of an earlier process of ours. */
  running(): Set<string> {
    const address = this.#globalFlags[1] ?? '';
    const runs = readProcesses().filter(({ words }) => basename(words[0] ?? '') === 'nerdctl' && words.includes(address) && words.includes('run'));
    return new Set(runs.map(({ words }) => words[words.indexOf('--name') + 1] ?? ''));
  }

  /** Kills and removes, whatever is left of it. Nothing there is success. */
  async remove(idOrName: string): Promise<void> {
    try {
      await this.#exec(['rm', '--force', '--volumes', idOrName], { timeoutMs: RUN_TIMEOUT_MS, env: SHORT_LIVED });
    } catch (error) {
      if (!(error instanceof ExecError && /no such container/.test(error.stderr))) throw error;
    }
  }

  /** With the credentials in the docker config of that folder, and no others. It takes the time it takes, until `signal` aborts. */
  async pull(reference: string, { dockerConfig, ...options }: PullCommand): Promise<void> {
    const hosts = this.#hostsDirs.flatMap((folder) => ['--hosts-dir', folder]);
    await this.#exec([...hosts, 'pull', '--quiet', reference], { ...options, timeoutMs: 0, env: { ...this.#environment, DOCKER_CONFIG: dockerConfig } });
  }

  #exec(args: readonly string[], options: ExecOptions): Promise<string> {
    return exec(this.#command, [...this.#globalFlags, ...args], { ...options, env: { ...this.#environment, ...options.env } });
  }
}

/** The message of nerdctl's last log line: what it says before it gives up. */
export function lastMessage(error: unknown): string {
  if (!(error instanceof ExecError)) return error instanceof Error ? error.message : String(error);
  const last = error.stderr.trim().split('\n').at(-1) ?? '';
  const quoted = /msg="((?:[^"\\]|\\.)*)"/.exec(last)?.[1];
  return quoted?.replaceAll('\\"', '"').replaceAll('\\n', ' ') ?? (last === '' ? error.message : last);
}

function runArguments(run: NerdctlRun): string[] {
  const labels = Object.entries(run.labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  return [
    'run', '--detach', '--pull', 'never', '--restart', 'no', '--name', run.name,
    ...networkArguments(run),
    // Any URL is a log URI; the default driver would leave a process of its own beside every sandbox.
    '--log-driver', 'file:///dev/null',
    ...(run.cgroupParent === '' ? [] : ['--cgroup-parent', run.cgroupParent]),
    ...labels,
    ...Object.entries(run.sysctls).flatMap(([name, value]) => ['--sysctl', `${name}=${value}`]),
    '--security-opt', 'no-new-privileges', '--security-opt', `seccomp=${run.seccomp}`,
    ...(run.content === undefined ? [run.image] : contentArguments(run.content)),
  ];
}

function contentArguments({ rootPath, process }: PauseContent): string[] {
  const { user, workingDir, stopSignal, env, entrypoint, cmd } = process;
  return [
    '--rootfs', '--read-only',
    ...(user === '' ? [] : ['--user', user]),
    ...(workingDir === '' ? [] : ['--workdir', workingDir]),
    ...(stopSignal === '' ? [] : ['--stop-signal', stopSignal]),
    ...env.flatMap((variable) => ['--env', variable]),
    rootPath, ...entrypoint, ...cmd,
  ];
}

function networkArguments({ network, hostname, portMappings, nodeNetwork }: NerdctlRun): string[] {
  if (nodeNetwork) return ['--net', 'host', '--uts', 'host'];
  const ports = portMappings.filter(({ hostPort }) => hostPort > 0).flatMap((mapping) => ['--publish', publication(mapping)]);
  return ['--net', network, '--hostname', hostname, ...ports];
}

function publication({ hostIp, hostPort, containerPort, protocol }: PortMapping): string {
  const address = hostIp.includes(':') ? `[${hostIp}]` : hostIp;
  return `${address === '' ? '' : `${address}:`}${hostPort}:${containerPort}/${protocol.toLowerCase()}`;
}
