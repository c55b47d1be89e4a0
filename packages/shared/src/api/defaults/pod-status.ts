import type { PodStatus } from '../pod-status.ts';

/** `podIP` is the first of `podIPs`; where they differ, the one that old kubelets know counts. */
export function defaultPodIps(status: PodStatus): PodStatus {
  const { podIP, podIPs = [] } = status;
  const first = podIP || podIPs[0]?.ip;
  if (!first) return status;
  return { ...status, podIP: first, podIPs: podIPs[0]?.ip === first ? podIPs : [{ ip: first }] };
}
