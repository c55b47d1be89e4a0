import { workFirstMs } from '@podling/shared/events';
import { runProcess } from '@podling/shared/process';
import { parseKubeletConfig } from './config.ts';
import { startKubelet } from './kubelet.ts';

await runProcess('kubelet', async ({ logger }) => {
  const config = parseKubeletConfig(process.argv.slice(2));
  const kubelet = await startKubelet(config, { logger, eventLingerMs: workFirstMs });
  // For machines without systemd-logind: whoever takes the machine down says so first, and waits for the node's pods.
  process.on('SIGPWR', () => void kubelet.shutDownNode().catch((err: unknown) => logger.error({ err }, 'graceful shutdown failed')));
  return kubelet;
});
