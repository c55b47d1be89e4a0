import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCluster } from '@podling/deploy/local';
import { e2eClusterName } from './e2e-cluster.ts';
import { remains } from './remains.ts';
import { stubDnsAddress } from './stub-dns.ts';

const resolvConf = join(tmpdir(), `podling-${e2eClusterName}-resolv.conf`);
const claimPath = join(tmpdir(), `podling-${e2eClusterName}.pid`);

/** Nobody takes the cluster away from a run that is under way. */
function claim(): void {
  const owner = existsSync(claimPath) ? Number(readFileSync(claimPath, 'utf8')) : 0;
  if (owner > 0 && existsSync(`/proc/${owner}`)) throw new Error(`process ${owner} is testing on the cluster ${e2eClusterName}: wait for its end, or set PODLING_E2E_CLUSTER to another name`);
  writeFileSync(claimPath, String(process.pid));
}

/** One two-node cluster for all end-to-end files, from nothing; afterwards nothing may be left on the machine. */
export async function setup(): Promise<() => Promise<void>> {
  claim();
  const cluster = openCluster(e2eClusterName);
  await cluster.down({ purge: true });
  writeFileSync(resolvConf, `nameserver ${stubDnsAddress(e2eClusterName)}\n`);
  await cluster.up({ nodes: 2, report: 'plain', resolvConf, nodeMonitorGracePeriod: '12s', nodeLeaseRenewInterval: '3s' });
  return async () => {
    rmSync(claimPath);
    if (process.env['PODLING_KEEP'] !== undefined) return;
    await cluster.down({ purge: true });
    rmSync(resolvConf);
    const left = await remains(e2eClusterName);
    if (left.length > 0) throw new Error(`the cluster left something behind:\n${left.join('\n')}`);
  };
}
