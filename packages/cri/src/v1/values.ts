/** A 64-bit integer in decimal. Times are nanoseconds since the epoch, 0 = not yet. */
export type Int64 = string;

export interface Int64Value {
  value: Int64;
}

export interface KeyValue {
  key: string;
  value: string;
}

export interface ImageSpec {
  image: string;
  annotations: Record<string, string>;
  userSpecifiedImage: string;
  runtimeHandler: string;
  imageRef: string;
}

export interface IdMapping {
  hostId: number;
  containerId: number;
  length: number;
}

export type NamespaceMode = 'POD' | 'CONTAINER' | 'NODE' | 'TARGET';

export interface NamespaceOption {
  network: NamespaceMode;
  pid: NamespaceMode;
  ipc: NamespaceMode;
  targetId: string;
  usernsOptions: { mode: NamespaceMode; uids: IdMapping[]; gids: IdMapping[] } | null;
}

export type SupplementalGroupsPolicy = 'Merge' | 'Strict';

export interface SELinuxOption {
  user: string;
  role: string;
  type: string;
  level: string;
}

export interface SecurityProfile {
  profileType: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
  localhostRef: string;
}

export interface LinuxContainerResources {
  cpuPeriod: Int64;
  cpuQuota: Int64;
  cpuShares: Int64;
  memoryLimitInBytes: Int64;
  oomScoreAdj: Int64;
  cpusetCpus: string;
  cpusetMems: string;
  hugepageLimits: { pageSize: string; limit: Int64 }[];
  /** Files of cgroup v2 by name. */
  unified: Record<string, string>;
  memorySwapLimitInBytes: Int64;
}
