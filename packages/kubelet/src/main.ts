import { runProcess } from '@podling/shared/process';
import { parseKubeletConfig } from './config.ts';
import { startKubelet } from './kubelet.ts';

await runProcess('kubelet', ({ logger }) => {
  const config = parseKubeletConfig(process.argv.slice(2));
  return startKubelet(config, { logger });
});
