export interface PodSandboxMetadata {
  name: string;
  namespace: string;
  uid: string;
  attempt: number;
}

export interface PodSandboxConfig {
  metadata: PodSandboxMetadata;
  hostname: string;
  /** NIS domain name of the uts namespace (`kernel.domainname`). Default: the kernel's. */
  domainname?: string;
  /** Default: all of its own. */
  namespaces?: SandboxNamespaces;
  /**
   * Of the namespaces that the sandbox has of its own, by name with dots: `net.ipv4.ip_unprivileged_port_start`. Fails with
   * `InvalidArgument` for any other, and for a value that the kernel refuses.
   */
  sysctls?: Record<string, string>;
  /** Of the sandbox's own process. Default `RuntimeDefault`. */
  seccomp?: SecurityProfile;
  /** Whether any of its containers is: some runtimes refuse a privileged one in a sandbox that is not. Default false. */
  privileged?: boolean;
  /** Folder for container logs, absolute. Empty: what the containers say is read and kept nowhere. */
  logDirectory: string;
  /** Undefined: the runtime's own resolv.conf. */
  dns?: { servers: string[]; searches: string[]; options: string[] };
  portMappings: PortMapping[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Parent cgroup, cgroupfs form (`/kubepods/burstable/pod<uid>`). */
  cgroupParent: string;
}

/** `NODE` is the node's own. With network `NODE` the sandbox has no IP, no port mappings, and the node's hostname. */
export interface SandboxNamespaces {
  network?: 'POD' | 'NODE';
  ipc?: 'POD' | 'NODE';
  /** `POD`: containers may share the sandbox's pid namespace, each says so itself. */
  pid?: 'POD' | 'NODE';
}

/** As in Kubernetes' seccompProfile and appArmorProfile. */
export type SecurityProfile =
  | { type: 'RuntimeDefault' }
  | { type: 'Unconfined' }
  /** seccomp: absolute path of a profile file on the node; AppArmor: name of a loaded profile. */
  | { type: 'Localhost'; localhostRef: string };

export interface PortMapping {
  protocol: 'TCP' | 'UDP' | 'SCTP';
  containerPort: number;
  hostPort: number;
  hostIp: string;
}

export type PodSandboxState = 'SANDBOX_READY' | 'SANDBOX_NOTREADY';

export interface PodSandbox {
  id: string;
  metadata: PodSandboxMetadata;
  state: PodSandboxState;
  createdAtMs: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface PodSandboxStatus extends PodSandbox {
  /** Empty when the sandbox is not ready, or has the node's network. */
  ip: string;
  network: 'POD' | 'NODE';
  /** PID of the pause process in the runtime's own PID namespace, 0 when not running. */
  pid: number;
}

export interface PodSandboxFilter {
  id?: string;
  state?: PodSandboxState;
  labelSelector?: Record<string, string>;
}
