/** What of a log is wanted; Kubernetes' PodLogOptions. */
export interface LogOptions {
  timestamps: boolean;
  /** Milliseconds since the epoch. */
  sinceMs?: number;
  tailLines?: number;
  limitBytes?: number;
}
