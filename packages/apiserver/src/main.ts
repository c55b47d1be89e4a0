import { runProcess } from '@podling/shared/process';
import { parseCommandLine } from './command.ts';
import { startApiServer } from './server.ts';

await runProcess('apiserver', ({ logger }) => startApiServer({ ...parseCommandLine(process.argv), logger }));
