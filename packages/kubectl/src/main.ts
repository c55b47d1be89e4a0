import { runKubectl } from './cli.ts';
import { processIo } from './io.ts';

// The reader went away (`kubectl get pods | head -1`): nothing more to say.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const exitCode = await runKubectl(process.argv.slice(2), processIo());
// When all is written; Node would first close what is open and free its memory.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
