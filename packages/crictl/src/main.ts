import { runCrictl } from './cli.ts';
import { OutputError, takeInterrupts } from './interrupts.ts';
import { processIo } from './io.ts';
import { report } from './report.ts';

const interrupted = takeInterrupts(process);
const io = processIo(interrupted);
// Whether all could be written is known at the very end.
process.on('exit', () => {
  const lost: unknown = interrupted.reason;
  if (!(lost instanceof OutputError)) return;
  if (lost.exitCode !== 0) report(io, 'fatal', lost.message);
  process.exitCode = lost.exitCode;
});

process.exitCode = await runCrictl(process.argv.slice(2), io);
