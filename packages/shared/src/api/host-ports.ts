import type { PodSpec } from './pod.ts';

/** A port of the node that a pod takes. */
export interface HostPort {
  /** `0.0.0.0`: every address of the node. */
  hostIP: string;
  protocol: string;
  hostPort: number;
}

export const hostPortsTaken = "node(s) didn't have free ports for the requested pod ports";
const everyAddress = '0.0.0.0';

/** Those of its containers and sidecars, which run together. */
export function hostPortsOf({ containers, initContainers = [] }: PodSpec): HostPort[] {
  const running = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
  const ports = running.flatMap(({ ports: own = [] }) => own).filter(({ hostPort = 0 }) => hostPort > 0);
  return ports.map(({ hostIP = '', protocol = 'TCP', hostPort = 0 }) => ({ hostIP: hostIP === '' ? everyAddress : hostIP, protocol, hostPort }));
}

/** Whether both cannot be had on one node. Upstream twin: `HostPortInfo.CheckConflict`. */
export function hostPortsCollide(one: HostPort, other: HostPort): boolean {
  const samePort = one.hostPort === other.hostPort && one.protocol === other.protocol;
  return samePort && (one.hostIP === other.hostIP || one.hostIP === everyAddress || other.hostIP === everyAddress);
}
