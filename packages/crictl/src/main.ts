import { runCrictl } from './cli.ts';
import { processIo } from './io.ts';

const INTERRUPTED = 130;

const interrupt = new AbortController();
process.on('SIGINT', () => {
  // The second one does not wait for what the first has begun to end.
  if (interrupt.signal.aborted) process.exit(INTERRUPTED);
  interrupt.abort();
});
process.on('SIGTERM', () => interrupt.abort());
// The reader went away (`crictl ps | head -1`): nothing more to say.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runCrictl(process.argv.slice(2), processIo(interrupt.signal));
