import { isIPv6 } from 'node:net';
import type { Service } from '@podling/shared/api';

/** What variables are made of: a Service, or whatever is reached like one. */
export interface ServiceAddress {
  name: string;
  clusterIP: string;
  ports: readonly { name?: string | undefined; port: number; protocol?: string | undefined }[];
}

export function addressOf({ metadata, spec }: Service): ServiceAddress {
  return { name: metadata.name, clusterIP: spec?.clusterIP ?? '', ports: spec?.ports ?? [] };
}

/**
 * The variables that tell a container where a service is: `WEB_SERVICE_HOST`, `WEB_SERVICE_PORT` and the older
 * `WEB_PORT_80_TCP` family. Upstream twin: kubelet envvars `FromServices`.
 */
export function serviceVariables(services: readonly ServiceAddress[]): Map<string, string> {
  return new Map(services.flatMap((service) => [...namedVariables(service), ...linkVariables(service)]));
}

function namedVariables({ name, clusterIP, ports }: ServiceAddress): [string, string][] {
  const prefix = `${variableName(name)}_SERVICE`;
  const named = ports.filter((port) => (port.name ?? '') !== '');
  return [
    [`${prefix}_HOST`, clusterIP],
    ...ports.slice(0, 1).map(({ port }): [string, string] => [`${prefix}_PORT`, String(port)]),
    ...named.map((port): [string, string] => [`${prefix}_PORT_${variableName(port.name ?? '')}`, String(port.port)]),
  ];
}

function linkVariables({ name, clusterIP, ports }: ServiceAddress): [string, string][] {
  const host = isIPv6(clusterIP) ? `[${clusterIP}]` : clusterIP;
  return ports.flatMap(({ port, protocol = 'TCP' }, index): [string, string][] => {
    const scheme = protocol.toLowerCase();
    const url = `${scheme}://${host}:${port}`;
    const prefix = `${variableName(name)}_PORT_${port}_${protocol.toUpperCase()}`;
    const first: [string, string][] = index === 0 ? [[`${variableName(name)}_PORT`, url]] : [];
    return [...first, [prefix, url], [`${prefix}_PROTO`, scheme], [`${prefix}_PORT`, String(port)], [`${prefix}_ADDR`, clusterIP]];
  });
}

function variableName(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}
