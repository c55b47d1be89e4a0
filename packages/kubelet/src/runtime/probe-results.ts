export type ProbeKind = 'liveness' | 'readiness' | 'startup';

export interface ProbeVerdict {
  result: 'Success' | 'Failure';
  /** What the last probe said. */
  message: string;
}

/**
 * What the probes of containers say, after their thresholds. Read when status and actions are computed; written by the
 * prober alone. `containerId` is the runtime's. Upstream twin: kubelet `prober/results.Manager`, one per kind.
 */
export interface ProbeResults {
  /** Undefined: there is no such probe, or it has not decided yet. */
  get(kind: ProbeKind, containerId: string): ProbeVerdict | undefined;
}

export const noProbeResults: ProbeResults = { get: () => undefined };
