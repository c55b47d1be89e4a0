import { openCluster } from '@podling/deploy/local';
import { e2eClusterName } from '../harness/e2e-cluster.ts';
import { remains } from '../harness/remains.ts';

/** One two-node cluster for all end-to-end files, from nothing; afterwards nothing may be left on the machine. */
export async function setup(): Promise<() => Promise<void>> {
  const cluster = openCluster(e2eClusterName);
  await cluster.down({ purge: true });
  await cluster.up({ nodes: 2, report: 'plain', nodeMonitorGracePeriod: '12s', nodeLeaseRenewInterval: '3s' });
  return async () => {
    if (process.env['PODLING_KEEP'] !== undefined) return;
    await cluster.down({ purge: true });
    const left = await remains(e2eClusterName);
    if (left.length > 0) throw new Error(`the cluster left something behind:\n${left.join('\n')}`);
  };
}
