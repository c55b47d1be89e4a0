import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inTime, systemClock } from '@podling/shared/util';
import { execa } from 'execa';

const deadlineMs = 60_000;
/** A killed program that hangs in the kernel is waited for no longer. */
const exitMs = 5_000;
const runFile = promisify(execFile);

/** Runs a program of the node; fails with its message when it exits non-zero or takes a minute. The kubelet's only way to start one. */
export async function exec(file: string, args: readonly string[]): Promise<void> {
  // Not execa: it holds the kubelet up for twice as long, at each start of a pod.
  const running = runFile(file, args, { timeout: deadlineMs, killSignal: 'SIGKILL' });
  running.child.stdin?.end();
  await inTime(running, deadlineMs + exitMs, systemClock, () => new Error(`${file} took too long, and cannot be ended`));
}

/** Starts a program that runs until it is ended, at the latest with the kubelet itself, however that ends; its lines end with an error unless it ends well of itself. */
export function run(file: string, args: readonly string[]): { lines: AsyncIterable<string>; end(): void } {
  const program = execa('setpriv', ['--pdeathsig', 'TERM', file, ...args], { stdin: 'ignore', buffer: false });
  program.catch(() => undefined);
  return { lines: program.iterable({ from: 'stdout' }) as AsyncIterable<string>, end: () => void program.kill('SIGTERM') };
}
