import { isIP } from 'node:net';
import { newBadRequest, newServiceUnavailable } from '@podling/shared/api';
import type { Pod } from '@podling/shared/api';

/** What a request for `pods/[SCHEME:]NAME[:PORT]/proxy` names. */
export interface PodProxyName {
  scheme: 'http' | 'https';
  name: string;
  /** '' for the pod's first port. */
  port: string;
}

/** Where a proxied request goes. */
export interface PodAddress {
  scheme: 'http' | 'https';
  host: string;
  port: number;
}

/** Throws 400 for what is neither `NAME`, `NAME:PORT` nor `SCHEME:NAME:PORT`. Upstream twin: `SplitSchemeNamePort`. */
export function parseProxyName(text: string): PodProxyName {
  const parts = text.split(':');
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts];
  const isKnown = scheme === '' || scheme === 'http' || scheme === 'https';
  if (parts.length > 3 || name === '' || !isKnown) throw newBadRequest(`invalid pod request ${JSON.stringify(text)}`);
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port };
}

/**
 * The address of a pod that runs. Its status is its node's word: an address that is not a pod's own, by `isForeign`, is
 * refused with 400, and so is a port that is none; a pod that does not run is 503. Upstream twin: `pod.ResourceLocation`.
 */
export function podAddress(pod: Pod, { scheme, port }: PodProxyName, isForeign: (address: string) => boolean): PodAddress {
  const { status = {}, spec, metadata } = pod;
  if (!spec.nodeName || status.phase !== 'Running') throw newServiceUnavailable(`pod ${JSON.stringify(metadata.name)} is not running`);
  const host = status.podIPs?.[0]?.ip ?? status.podIP ?? '';
  if (isIP(host) === 0 || spec.hostNetwork === true || host === status.hostIP || isForeign(host)) throw newBadRequest('address not allowed');
  return { scheme, host, port: portOf(pod, scheme, port) };
}

function portOf({ spec }: Pod, scheme: 'http' | 'https', port: string): number {
  const first = spec.containers.find(({ ports = [] }) => ports.length > 0)?.ports?.[0]?.containerPort;
  if (port === '') return first ?? (scheme === 'https' ? 443 : 80);
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) throw newBadRequest(`invalid port ${JSON.stringify(port)}`);
  return number;
}
