import { runProcess } from '@podling/shared/process';
import { parseKubeletConfig } from './config.ts';
import { startKubelet } from './kubelet.ts';

const config = parseKubeletConfig(process.argv.slice(2));
await runProcess('kubelet', ({ logger }) => startKubelet(config, { logger }));
