import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolchainDir } from '@podling/shared/process';
import type { ControlPlaneCertificates } from '../pki/index.ts';
import { clusterPaths } from './cluster-paths.ts';
import { controlPlaneIp } from './cluster-record.ts';
import type { ClusterRecord } from './cluster-record.ts';
import type { ProcessSpec } from './managed-process.ts';
import { corefile, readyPort } from './render/corefile.ts';
import { isLoopback } from './resolvers.ts';

// The cluster's DNS server: CoreDNS on the control plane's address, which every pod reaches.

export const clusterDomain = 'cluster.local';
const maximumNameservers = 3;
const readyTimeoutMs = 2000;

/** Writes CoreDNS' configuration; a CoreDNS that runs takes it over within a minute. */
export async function configureDns(record: ClusterRecord, { ca, coredns }: ControlPlaneCertificates, apiserver: string): Promise<void> {
  const address = controlPlaneIp(record);
  const upstreams = record.resolvers.nameservers.filter((server) => server !== address);
  await writeFile(clusterPaths(record.name).corefile, corefile({ address, clusterDomain, apiserver, ca, client: coredns, upstreams }));
}

/**
 * The nameservers of pods: CoreDNS, then the nodes' own as far as pods reach them. These serve while CoreDNS is down;
 * while it is up nobody asks them, since a name that does not exist is an answer.
 */
export function clusterNameservers(record: ClusterRecord): string[] {
  const own = record.resolvers.nameservers.filter((server) => !isLoopback(server));
  return [...new Set([controlPlaneIp(record), ...own])].slice(0, maximumNameservers);
}

/** How CoreDNS is started; it is ready once it has read the cluster's services. */
export function corednsProcess(record: ClusterRecord): Omit<ProcessSpec, 'logPath' | 'pidPath'> {
  const readyUrl = `http://${controlPlaneIp(record)}:${readyPort}/ready`;
  return {
    name: 'coredns',
    command: join(toolchainDir(), 'bin/coredns'),
    args: ['-conf', clusterPaths(record.name).corefile],
    ready: async () => (await fetch(readyUrl, { signal: AbortSignal.timeout(readyTimeoutMs) })).ok,
  };
}
