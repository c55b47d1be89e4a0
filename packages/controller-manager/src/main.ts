import { readFile } from 'node:fs/promises';
import { createClient, loadKubeconfig } from '@podling/shared/client';
import { runProcess } from '@podling/shared/process';
import { parseDurationMs } from '@podling/shared/util';
import { Command, InvalidArgumentError } from 'commander';
import { startControllerManager } from './controller-manager.ts';

interface Flags {
  kubeconfig?: string;
  rootCaFile?: string;
  nodeMonitorGracePeriod: number;
  nodeMonitorPeriod: number;
}

function duration(text: string): number {
  try {
    return parseDurationMs(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

const program = new Command('controller-manager')
  .description('Runs the controllers: node life cycle, pod garbage collection, namespaces, service accounts, root CA, endpoint slices, disruption budgets.')
  .option('--kubeconfig <file>', 'kubeconfig with the credentials of the controller manager')
  .option('--node-monitor-grace-period <duration>', 'silence after which a node counts as unreachable', duration, 50_000)
  .option('--node-monitor-period <duration>', 'longest pause before a failed look at a node is repeated', duration, 5_000)
  .option('--root-ca-file <file>', 'CA that is published in every namespace, as kube-root-ca.crt')
  .parse();

await runProcess('controller-manager', async ({ logger }) => {
  const flags = program.opts<Flags>();
  const config = loadKubeconfig(flags.kubeconfig);
  const rootCa = flags.rootCaFile === undefined ? undefined : await readFile(flags.rootCaFile, 'utf8');
  const client = createClient({ ...config, userAgent: 'podling-controller-manager' });
  logger.info({ server: config.server }, 'starting');
  const manager = startControllerManager({
    client,
    logger,
    nodeMonitorGracePeriodMs: flags.nodeMonitorGracePeriod,
    nodeMonitorPeriodMs: flags.nodeMonitorPeriod,
    ...(rootCa === undefined ? {} : { rootCa }),
  });
  return {
    async stop() {
      await manager.stop();
      await client.close();
    },
  };
});
