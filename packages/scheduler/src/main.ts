import { createClient, loadKubeconfig } from '@podling/shared/client';
import { workFirstMs } from '@podling/shared/events';
import { runProcess } from '@podling/shared/process';
import { Command } from 'commander';
import { startScheduler } from './scheduler.ts';

interface Flags {
  kubeconfig?: string;
}

const program = new Command('scheduler')
  .description('Assigns pods without a node to nodes.')
  .option('--kubeconfig <file>', 'kubeconfig with the credentials of the scheduler')
  .parse();

await runProcess('scheduler', async ({ logger }) => {
  const config = loadKubeconfig(program.opts<Flags>().kubeconfig);
  const client = createClient({ ...config, userAgent: 'podling-scheduler' });
  logger.info({ server: config.server }, 'starting');
  const scheduler = startScheduler({ client, logger, eventLingerMs: workFirstMs });
  return {
    async stop() {
      await scheduler.stop();
      await client.close();
    },
  };
});
