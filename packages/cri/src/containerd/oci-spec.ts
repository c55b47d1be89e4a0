import type { ContainerConfig, ContainerSecurityContext, Mount } from '../cri.ts';
import type { ImageProcess } from './image-store.ts';
import { linuxResources } from './linux-resources.ts';

/** Namespaces and shared files of the sandbox that a container joins. */
export interface SandboxGround {
  id: string;
  /** PID of the pause process. */
  pid: number;
  hostname: string;
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
  cgroup: { unified: boolean; swapAccounting: boolean };
}

export interface OciUser {
  uid: number;
  gid: number;
  additionalGids?: number[];
}

export interface OciMount {
  destination: string;
  type: string;
  source: string;
  options: string[];
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

const defaultCapabilities = [
  'CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP',
  'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE',
];

const allCapabilities = [
  ...defaultCapabilities,
  'AUDIT_CONTROL', 'AUDIT_READ', 'BLOCK_SUSPEND', 'BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'IPC_LOCK', 'IPC_OWNER',
  'LEASE', 'LINUX_IMMUTABLE', 'MAC_ADMIN', 'MAC_OVERRIDE', 'NET_ADMIN', 'NET_BROADCAST', 'PERFMON', 'SYS_ADMIN', 'SYS_BOOT',
  'SYS_MODULE', 'SYS_NICE', 'SYS_PACCT', 'SYS_PTRACE', 'SYS_RAWIO', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'SYSLOG', 'WAKE_ALARM',
];

const maskedPaths = [
  ...['acpi', 'asound', 'kcore', 'keys', 'latency_stats', 'timer_list', 'timer_stats', 'sched_debug', 'scsi'].map((name) => `/proc/${name}`),
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];

const readonlyPaths = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map((name) => `/proc/${name}`);

/** The OCI runtime specification of an app container: pure, everything that must be looked up is in the input. */
export function ociSpec(input: OciSpecInput): OciSpec {
  const { config, sandbox } = input;
  const privileged = config.securityContext?.privileged === true;
  return {
    ociVersion: '1.0.2',
    process: ociProcess(input),
    root: { path: 'rootfs', readonly: config.securityContext?.readonlyRootfs ?? false },
    mounts: ociMounts(config.mounts, sandbox, privileged),
    // Containers with the same sandbox id share the pause container's shim.
    annotations: { ...config.annotations, 'io.kubernetes.cri.sandbox-id': sandbox.id },
    linux: {
      namespaces: namespaces(sandbox.pid, input.cgroup.unified),
      cgroupsPath: input.cgroupsPath,
      resources: { devices: devices(privileged), ...linuxResources(config.linux, input.cgroup.swapAccounting) },
      ...(privileged ? {} : { maskedPaths, readonlyPaths }),
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

export function capabilities(context: ContainerSecurityContext = {}): string[] {
  const all = (names: readonly string[] = []): boolean => names.some((name) => name.toUpperCase() === 'ALL');
  if (context.privileged === true) return named(allCapabilities);
  const base = all(context.addCapabilities) ? allCapabilities : all(context.dropCapabilities) ? [] : defaultCapabilities;
  const dropped = new Set(plain(context.dropCapabilities));
  const kept = base.filter((name) => !dropped.has(name));
  return named([...new Set([...kept, ...plain(context.addCapabilities)])]);
}

function ociProcess({ config, image, sandbox, minOomScoreAdj, user }: OciSpecInput): OciSpec['process'] {
  const names = capabilities(config.securityContext);
  const effective = user.uid === 0 ? names : [];
  return {
    terminal: config.tty,
    user,
    args: processArgs(config, image),
    env: [...processEnv(image.env, sandbox.hostname, config.env), ...(config.tty && !hasTerm(config) ? ['TERM=xterm'] : [])],
    cwd: config.workingDir || image.workingDir || '/',
    capabilities: { bounding: names, effective, permitted: effective },
    noNewPrivileges: config.securityContext?.noNewPrivileges ?? false,
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

function plain(names: readonly string[] = []): string[] {
  return names.map((name) => name.toUpperCase().replace(/^CAP_/, '')).filter((name) => name !== 'ALL');
}

function named(names: readonly string[]): string[] {
  return names.map((name) => `CAP_${name}`);
}

/** Network, ipc and uts are the sandbox's; pid and mount are the container's own, on cgroup v2 its cgroup view too. */
function namespaces(pausePid: number, unified: boolean): { type: string; path?: string }[] {
  const joined = { network: 'net', ipc: 'ipc', uts: 'uts' };
  return [
    ...Object.entries(joined).map(([type, file]) => ({ type, path: `/proc/${pausePid}/ns/${file}` })),
    { type: 'pid' },
    { type: 'mount' },
    ...(unified ? [{ type: 'cgroup' }] : []),
  ];
}

function devices(privileged: boolean): { allow: boolean; access: string }[] {
  return [{ allow: privileged, access: 'rwm' }];
}

/** Parents before children, so that a mount never hides a later one. A container's own mount wins over the sandbox's file. */
function ociMounts(mounts: readonly Mount[], sandbox: SandboxGround, privileged: boolean): OciMount[] {
  const own = mounts.map(bindMount);
  const taken = new Set(own.map(({ destination }) => destination));
  const base = [...kernelMounts(privileged), ...sandboxMounts(sandbox)].filter(({ destination }) => !taken.has(destination));
  return [...base, ...own.toSorted((left, right) => depth(left.destination) - depth(right.destination))];
}

function depth(path: string): number {
  return path.split('/').filter((part) => part !== '').length;
}

function kernelMounts(privileged: boolean): OciMount[] {
  const hidden = ['nosuid', 'noexec', 'nodev'];
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: hidden },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: hidden },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...hidden, privileged ? 'rw' : 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...hidden, 'relatime', privileged ? 'rw' : 'ro'] },
  ];
}

function sandboxMounts(sandbox: SandboxGround): OciMount[] {
  const file = (destination: string, source: string): OciMount => ({ destination, source, type: 'bind', options: ['rbind', 'rprivate', 'rw'] });
  return [
    { ...file('/dev/shm', sandbox.shmPath), options: ['rbind', 'rprivate', 'rw', 'nosuid', 'nodev', 'noexec'] },
    file('/etc/hosts', sandbox.hostsPath),
    file('/etc/resolv.conf', sandbox.resolvConfPath),
    file('/etc/hostname', sandbox.hostnamePath),
  ];
}

const propagations = { PRIVATE: 'rprivate', HOST_TO_CONTAINER: 'rslave', BIDIRECTIONAL: 'rshared' } as const;

/** Both the type and the option say bind: runc needs the option. */
function bindMount(mount: Mount): OciMount {
  const options = ['rbind', propagations[mount.propagation ?? 'PRIVATE'], mount.readonly ? 'ro' : 'rw'];
  return { destination: mount.containerPath, type: 'bind', source: mount.hostPath, options };
}
