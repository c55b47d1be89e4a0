import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCluster } from '@podling/deploy/local';
import type { ClusterNetwork, ClusterRuntime } from '@podling/deploy/local';
import { clusterNameOf } from './e2e-cluster.ts';
import { remains } from './remains.ts';
import { stubDnsAddress } from './stub-dns.ts';

/** Nobody takes the cluster away from a run that is under way. Returns the claim's path. */
function claim(name: string): string {
  const path = join(tmpdir(), `podling-${name}.pid`);
  const owner = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  if (owner > 0 && existsSync(`/proc/${owner}`)) throw new Error(`process ${owner} is testing on the cluster ${name}: wait for its end, or set PODLING_E2E_CLUSTER to another name`);
  writeFileSync(path, String(process.pid));
  return path;
}

export interface E2eClusterOptions {
  runtime: ClusterRuntime;
  network: ClusterNetwork;
  /** The worker it is for, where each has one of its own. */
  worker?: number;
}

/** One two-node cluster for all files of a project, from nothing; the returned function ends it, and nothing may be left on the machine. */
export async function startE2eCluster({ runtime, network, worker }: E2eClusterOptions): Promise<() => Promise<void>> {
  const name = clusterNameOf(runtime, worker);
  const claimed = claim(name);
  const resolvConf = join(tmpdir(), `podling-${name}-resolv.conf`);
  const cluster = openCluster(name);
  await cluster.down({ purge: true });
  writeFileSync(resolvConf, `nameserver ${stubDnsAddress(name)}\n`);
  await cluster.up({ nodes: 2, runtime, network, report: 'plain', resolvConf, nodeMonitorGracePeriod: '12s', nodeLeaseRenewInterval: '3s' });
  return async () => {
    rmSync(claimed);
    if (process.env['PODLING_KEEP'] !== undefined) return;
    await cluster.down({ purge: true });
    rmSync(resolvConf);
    const left = await remains(name);
    if (left.length > 0) throw new Error(`the cluster left something behind:\n${left.join('\n')}`);
  };
}
