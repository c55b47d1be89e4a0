import type { ContainerPort } from '../container.ts';
import { containersOf } from '../pod-containers.ts';
import type { PodSpec } from '../pod.ts';

/** More than that no answer carries, so that nothing further is looked for. */
const MAX_TOLD = 50;

interface PlacedPort {
  port: ContainerPort;
  path: string;
}

/** Ports of one pod that get in each other's way, and names that mean two of them. */
export function warnPorts(spec: PodSpec, path: string): string[] {
  const ports = containersOf(spec, path).flatMap(([container, at]) => (container.ports ?? []).map((port, index) => ({ port, path: `${at}.ports[${index}]` })));
  const before = new Map<string, PlacedPort[]>();
  const warnings = ports.flatMap((placed) => {
    const key = `${placed.port.containerPort}/${placed.port.protocol}`;
    const others = before.get(key) ?? [];
    if (others.length >= MAX_TOLD) return [];
    before.set(key, [...others, placed]);
    return warnPort(placed, others);
  });
  return [...warnings, ...warnNames(ports)];
}

function warnPort({ port, path }: PlacedPort, others: PlacedPort[]): string[] {
  const { hostIP = '', hostPort = 0, containerPort, protocol, name = '' } = port;
  const shown = `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
  return [
    ...(hostIP !== '' && hostPort === 0 ? [`${path}: hostIP set without hostPort: ${shown}`] : []),
    ...others.flatMap((other) => {
      const kind = compare(port, other.port);
      return kind ? [`${path}: ${kind} port definition with ${other.path}`] : [];
    }),
  ];
}

function compare(one: ContainerPort, other: ContainerPort): string | undefined {
  const [ip, otherIp] = [one.hostIP ?? '', other.hostIP ?? ''];
  const [hostPort, otherPort] = [one.hostPort ?? 0, other.hostPort ?? 0];
  if (ip === otherIp && hostPort === otherPort) return 'duplicate';
  if (hostPort === 0 || otherPort === 0) return 'overlapping';
  return hostPort === otherPort && (ip === '') !== (otherIp === '') ? 'dangerously ambiguous' : undefined;
}

function warnNames(ports: PlacedPort[]): string[] {
  const first = new Map<string, string>();
  return ports.flatMap(({ port: { name }, path }) => {
    if (!name) return [];
    const other = first.get(name);
    if (other !== undefined) return [`${path}: duplicate port name ${JSON.stringify(name)} with ${other}, services and probes that select ports by name will use ${other}`];
    first.set(name, path);
    return [];
  });
}
