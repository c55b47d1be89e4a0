import type { SecurityProfile } from './sandbox.ts';

export interface ContainerMetadata {
  name: string;
  /** The restart count. */
  attempt: number;
}

export interface Mount {
  /** A folder is made where nothing is; links are followed. */
  hostPath: string;
  containerPath: string;
  readonly: boolean;
  /** With `readonly`: what is mounted below is read-only too. Fails with `InvalidArgument` where the kernel cannot. */
  recursiveReadOnly?: boolean;
  /** Default `PRIVATE`. The others fail with `InvalidArgument` where the node's own mount is not shared. */
  propagation?: 'PRIVATE' | 'HOST_TO_CONTAINER' | 'BIDIRECTIONAL';
}

export interface LinuxResources {
  /** CFS period and quota in microseconds; quota 0 or absent = no limit. */
  cpuPeriod?: number;
  cpuQuota?: number;
  cpuShares?: number;
  /** e.g. `0-1`. */
  cpusetCpus?: string;
  memoryLimitBytes?: number;
  oomScoreAdj?: number;
  pidsLimit?: number;
  /** e.g. `0`. */
  cpusetMems?: string;
  /** Memory and swap together; default: as the memory limit, no swap. */
  memorySwapLimitBytes?: number;
  /** Files of the container's cgroup, cgroup v2 alone: `{ 'memory.oom.group': '1' }`. */
  unified?: Record<string, string>;
}

export interface ContainerConfig {
  metadata: ContainerMetadata;
  /** Reference or id, already present (`imageStatus`). */
  image: string;
  /** Empty: the image's ENTRYPOINT. Set: replaces ENTRYPOINT and drops the image's CMD. */
  command: string[];
  /** Empty: the image's CMD, unless `command` is set. */
  args: string[];
  /** Empty: the image's, else `/`. */
  workingDir: string;
  /** Later entries win, also over the image's. */
  env: { name: string; value: string }[];
  mounts: Mount[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Relative to the sandbox's `logDirectory`: `web/0.log`. Empty: what it says is kept nowhere. */
  logPath: string;
  stdin: boolean;
  stdinOnce?: boolean;
  tty: boolean;
  /** Name, `SIGTERM`. Default: the image's, else SIGTERM. Fails with `InvalidArgument` for one that is none. */
  stopSignal?: string;
  linux: LinuxResources;
  securityContext?: ContainerSecurityContext;
}

export interface ContainerSecurityContext {
  privileged?: boolean;
  readonlyRootfs?: boolean;
  runAsUser?: number;
  runAsGroup?: number;
  /** Further groups of the process. */
  supplementalGroups?: number[];
  addCapabilities?: string[];
  dropCapabilities?: string[];
  noNewPrivileges?: boolean;
  /** Default `CONTAINER`: one of its own. `TARGET`: that of the container `targetId`, which runs in the same sandbox. */
  pid?: { mode: 'POD' | 'CONTAINER' | 'NODE' } | { mode: 'TARGET'; targetId: string };
  /** Default `RuntimeDefault`; a privileged container has none. */
  seccomp?: SecurityProfile;
  /** Default `RuntimeDefault` where the kernel has AppArmor. */
  appArmor?: SecurityProfile;
  /** `Unmasked`: no masked and no read-only paths below /proc. Default `Default`. `procPaths` go over it. */
  procMount?: 'Default' | 'Unmasked';
  procPaths?: { masked: string[]; readonly: string[] };
  runAsUsername?: string;
  /** `Merge` (default) adds the groups that the image's /etc/group gives the user. */
  supplementalGroupsPolicy?: 'Merge' | 'Strict';
}

export type ContainerState = 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN';

export interface Container {
  id: string;
  podSandboxId: string;
  metadata: ContainerMetadata;
  /** As in the config; its id is what `pullImage` answered. */
  image: string;
  imageId: string;
  state: ContainerState;
  createdAtMs: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface ContainerStatus extends Container {
  startedAtMs: number;
  finishedAtMs: number;
  exitCode: number;
  /** `Completed`, `Error`, `OOMKilled`, `StartError`, `ContainerCannotRun`, or '' while running. */
  reason: string;
  message: string;
  /** Absolute. */
  logPath: string;
  /** 0 when not running. */
  pid: number;
  mounts?: Mount[];
  /** What is in force, from the last create or update. */
  resources: LinuxResources;
  /** The process' user as started. Undefined when unknown. */
  user?: ContainerUser;
  /** As in the config. Undefined where the runtime does not tell. */
  stdinOnce?: boolean;
}

export interface ContainerUser {
  uid: number;
  gid: number;
  supplementalGroups: number[];
}

export interface ContainerFilter {
  id?: string;
  state?: ContainerState;
  podSandboxId?: string;
  labelSelector?: Record<string, string>;
}
