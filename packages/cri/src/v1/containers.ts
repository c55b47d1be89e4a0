import type { PodSandboxConfig, PodSandboxStatus } from './sandboxes.ts';
import type { Signal } from './signals.ts';
import type {
  IdMapping,
  ImageSpec,
  Int64,
  Int64Value,
  KeyValue,
  LinuxContainerResources,
  NamespaceOption,
  SecurityProfile,
  SELinuxOption,
  SupplementalGroupsPolicy,
} from './values.ts';

export interface ContainerMetadata {
  name: string;
  attempt: number;
}

export interface Mount {
  containerPath: string;
  hostPath: string;
  readonly: boolean;
  selinuxRelabel: boolean;
  propagation: 'PROPAGATION_PRIVATE' | 'PROPAGATION_HOST_TO_CONTAINER' | 'PROPAGATION_BIDIRECTIONAL';
  uidMappings: IdMapping[];
  gidMappings: IdMapping[];
  recursiveReadOnly: boolean;
  image: ImageSpec | null;
  imageSubPath: string;
}

export interface Device {
  containerPath: string;
  hostPath: string;
  permissions: string;
}

export interface LinuxContainerSecurityContext {
  capabilities: { addCapabilities: string[]; dropCapabilities: string[]; addAmbientCapabilities: string[] } | null;
  privileged: boolean;
  namespaceOptions: NamespaceOption | null;
  selinuxOptions: SELinuxOption | null;
  runAsUser: Int64Value | null;
  runAsGroup: Int64Value | null;
  runAsUsername: string;
  readonlyRootfs: boolean;
  supplementalGroups: Int64[];
  supplementalGroupsPolicy: SupplementalGroupsPolicy;
  noNewPrivs: boolean;
  maskedPaths: string[];
  readonlyPaths: string[];
  seccomp: SecurityProfile | null;
  apparmor: SecurityProfile | null;
  /** The older form of `apparmor`. */
  apparmorProfile: string;
  /** The older form of `seccomp`. */
  seccompProfilePath: string;
}

export interface ContainerConfig {
  metadata: ContainerMetadata | null;
  image: ImageSpec | null;
  command: string[];
  args: string[];
  workingDir: string;
  envs: KeyValue[];
  mounts: Mount[];
  devices: Device[];
  labels: Record<string, string>;
  annotations: Record<string, string>;
  logPath: string;
  stdin: boolean;
  stdinOnce: boolean;
  tty: boolean;
  linux: { resources: LinuxContainerResources | null; securityContext: LinuxContainerSecurityContext | null } | null;
  stopSignal: Signal;
}

export type ContainerState = 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN';

export interface Container {
  id: string;
  podSandboxId: string;
  metadata: ContainerMetadata | null;
  image: ImageSpec | null;
  imageRef: string;
  state: ContainerState;
  createdAt: Int64;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  imageId: string;
}

export interface ContainerStatus extends Omit<Container, 'podSandboxId'> {
  startedAt: Int64;
  finishedAt: Int64;
  exitCode: number;
  reason: string;
  message: string;
  mounts: Mount[];
  logPath: string;
  resources: { linux: LinuxContainerResources | null } | null;
  user: { linux: { uid: Int64; gid: Int64; supplementalGroups: Int64[] } | null } | null;
  stopSignal: Signal;
}

export interface ContainerFilter {
  id: string;
  state: { state: ContainerState } | null;
  podSandboxId: string;
  labelSelector: Record<string, string>;
}

export interface ContainerId {
  containerId: string;
}

export interface CreateContainerRequest {
  podSandboxId: string;
  config: ContainerConfig | null;
  sandboxConfig: PodSandboxConfig | null;
}

export interface ContainerStatusResponse {
  status: ContainerStatus | null;
  /** With `verbose`: JSON by name. */
  info: Record<string, string>;
}

export interface PodSandboxStatusResponse {
  status: PodSandboxStatus | null;
  /** With `verbose`: JSON by name. */
  info: Record<string, string>;
  containersStatuses: ContainerStatus[];
  timestamp: Int64;
}

export interface UpdateContainerResourcesRequest extends ContainerId {
  linux: LinuxContainerResources | null;
  annotations: Record<string, string>;
}

export interface ContainerEventResponse extends ContainerId {
  containerEventType: 'CONTAINER_CREATED_EVENT' | 'CONTAINER_STARTED_EVENT' | 'CONTAINER_STOPPED_EVENT' | 'CONTAINER_DELETED_EVENT';
  createdAt: Int64;
  podSandboxStatus: PodSandboxStatus | null;
  containersStatuses: ContainerStatus[];
}
