import type { ContainerConfig } from '../cri.ts';
import type { OciDevice } from './devices.ts';
import type { ImageProcess } from './image-config.ts';
import type { OciUser } from './image-user.ts';
import { linuxResources } from './linux-resources.ts';
import { rootfsPropagation } from './mount-propagation.ts';
import { ociMounts } from './oci-mounts.ts';
import type { OciMount } from './oci-mounts.ts';
import { readonlyPaths } from '../proc-paths.ts';
import type { SeccompProfile } from './seccomp.ts';

/** Namespaces and shared files of the sandbox that a container joins. */
export interface SandboxGround {
  id: string;
  /** PID of the pause process. */
  pid: number;
  hostname: string;
  /** Containers have the node's ipc namespace. */
  nodeIpc: boolean;
  shmPath: string;
  hostsPath: string;
  resolvConfPath: string;
  hostnamePath: string;
}

export interface OciSpecInput {
  config: ContainerConfig;
  image: ImageProcess;
  sandbox: SandboxGround;
  cgroupsPath: string;
  /** The lowest value that this process may give: its own. */
  minOomScoreAdj: number;
  user: OciUser;
  security: ProcessSecurity;
  cgroup: { unified: boolean; swapAccounting: boolean };
}

/** What a container's security context comes to on this node. */
export interface ProcessSecurity {
  capabilities: string[];
  seccomp: SeccompProfile | undefined;
  appArmorProfile: string | undefined;
  devices: OciDevice[];
  /** Hidden from a process that is not privileged. */
  maskedPaths: string[];
  /** The process whose pid namespace the container joins, or `own` or the node's. */
  pid: 'own' | 'node' | number;
}

export interface OciSpec {
  ociVersion: string;
  process: Record<string, unknown> & { args: string[]; env: string[]; cwd: string };
  root: { path: string; readonly: boolean };
  mounts: OciMount[];
  annotations: Record<string, string>;
  linux: Record<string, unknown>;
}

const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The OCI runtime specification of an app container: pure, everything that must be looked up is in the input. */
export function ociSpec(input: OciSpecInput): OciSpec {
  const { config, sandbox, security } = input;
  const { privileged = false, procMount = 'Default', readonlyRootfs = false, procPaths } = config.securityContext ?? {};
  const propagation = rootfsPropagation(config.mounts);
  return {
    ociVersion: '1.0.2',
    process: ociProcess(input),
    root: { path: 'rootfs', readonly: readonlyRootfs },
    mounts: ociMounts(config.mounts, sandbox, privileged),
    // Containers with the same sandbox id share the pause container's shim.
    annotations: { ...config.annotations, 'io.kubernetes.cri.sandbox-id': sandbox.id },
    linux: {
      // As containerd has it: a privileged container sees the node's cgroups.
      namespaces: namespaces(sandbox, security.pid, input.cgroup.unified && !privileged),
      cgroupsPath: input.cgroupsPath,
      resources: { devices: [{ allow: privileged, access: 'rwm' }], ...linuxResources(config.linux, input.cgroup.swapAccounting) },
      ...(privileged || procMount === 'Unmasked' ? {} : { maskedPaths: procPaths?.masked ?? security.maskedPaths, readonlyPaths: procPaths?.readonly ?? readonlyPaths }),
      ...(privileged ? { devices: security.devices } : {}),
      ...(security.seccomp === undefined ? {} : { seccomp: security.seccomp }),
      ...(propagation === undefined ? {} : { rootfsPropagation: propagation }),
    },
  };
}

/** Kubernetes' rules: `command` replaces the ENTRYPOINT and drops the CMD, `args` alone replaces the CMD. */
export function processArgs(config: Pick<ContainerConfig, 'command' | 'args'>, image: Pick<ImageProcess, 'entrypoint' | 'cmd'>): string[] {
  if (config.command.length > 0) return [...config.command, ...config.args];
  return [...image.entrypoint, ...(config.args.length > 0 ? config.args : image.cmd)];
}

/** The image's environment, then the container's; of equal names the last wins. */
export function processEnv(image: readonly string[], hostname: string, env: ContainerConfig['env']): string[] {
  const merged = new Map<string, string>([DEFAULT_PATH, `HOSTNAME=${hostname}`, ...image].map(splitVariable));
  for (const { name, value } of env) merged.set(name, value);
  return [...merged].map(([name, value]) => `${name}=${value}`);
}

/** Nothing is inheritable: the kernel takes the capabilities from a user that is not root. */
function ociProcess({ config, image, sandbox, minOomScoreAdj, user, security }: OciSpecInput): OciSpec['process'] {
  const { capabilities, appArmorProfile } = security;
  return {
    terminal: config.tty,
    user,
    args: processArgs(config, image),
    env: [...processEnv(image.env, sandbox.hostname, config.env), ...(config.tty && !hasTerm(config) ? ['TERM=xterm'] : [])],
    cwd: config.workingDir || image.workingDir || '/',
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    noNewPrivileges: config.securityContext?.noNewPrivileges ?? false,
    ...(appArmorProfile === undefined ? {} : { apparmorProfile: appArmorProfile }),
    ...(config.linux.oomScoreAdj === undefined ? {} : { oomScoreAdj: Math.max(config.linux.oomScoreAdj, minOomScoreAdj) }),
  };
}

function hasTerm(config: ContainerConfig): boolean {
  return config.env.some(({ name }) => name === 'TERM');
}

function splitVariable(variable: string): [string, string] {
  const equals = variable.indexOf('=');
  return equals === -1 ? [variable, ''] : [variable.slice(0, equals), variable.slice(equals + 1)];
}

/** Network, ipc and uts are the sandbox's, mounts are the container's own. */
function namespaces(sandbox: SandboxGround, pid: ProcessSecurity['pid'], ownCgroups: boolean): { type: string; path?: string }[] {
  const joined = { network: 'net', ...(sandbox.nodeIpc ? {} : { ipc: 'ipc' }), uts: 'uts' };
  return [
    ...Object.entries(joined).map(([type, file]) => ({ type, path: `/proc/${sandbox.pid}/ns/${file}` })),
    ...(pid === 'node' ? [] : [{ type: 'pid', ...(pid === 'own' ? {} : { path: `/proc/${pid}/ns/pid` }) }]),
    { type: 'mount' },
    ...(ownCgroups ? [{ type: 'cgroup' }] : []),
  ];
}
