/** What one cgroup is set to. What is absent stays as it is; -1 is no limit. Upstream twin: cm `ResourceConfig`. */
export interface ResourceConfig {
  cpuShares?: number;
  /** Microseconds in each period. */
  cpuQuota?: number;
  /** Microseconds. */
  cpuPeriod?: number;
  memoryLimitBytes?: number;
  pidsLimit?: number;
  /** Bytes by page size as the kernel writes it: `2MB`. */
  hugePageLimits?: Readonly<Record<string, number>>;
}

/** One file of the cgroup file system. */
export interface Setting {
  /** Relative to the mount. */
  file: string;
  value: string;
  /** For comparison; Infinity is no limit. */
  amount: number;
}

/** Where a version of cgroups has what. `path` begins with a slash and is relative to the mount. */
export interface CgroupLayout {
  version: 1 | 2;
  /** Makes the cgroup with all above it, as far as `settings` are to be written there. */
  make(path: string, settings: readonly Setting[]): Promise<void>;
  /** Of the controllers that are there. Those of one folder in the order in which they are written. */
  settings(path: string, config: ResourceConfig): Setting[];
  /** The cgroup's folders, one in each hierarchy, whether or not they are there. */
  folders(path: string): string[];
  memoryUsageFile(path: string): string;
}

export const unlimited = (amount: number): number => (amount < 0 ? Number.POSITIVE_INFINITY : amount);
