import { execFile, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { inTime, systemClock } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';

export interface ExecOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Default 1 min; 0: none, for what its caller watches and ends by `signal`. */
  timeoutMs?: number;
  signal?: AbortSignal;
  onSpawn?: (pid: number) => void;
  clock?: Clock;
}

const DEADLINE_MS = 60_000;
/** A killed program that hangs in the kernel is waited for no longer. */
const EXIT_MS = 5_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

const run = promisify(execFile);

/** A program that exited with an error; `stderr` is what it said. */
export class ExecError extends Error {
  override readonly name = 'ExecError';
  readonly stderr: string;

  constructor(message: string, stderr: string, options?: ErrorOptions) {
    super(message, options);
    this.stderr = stderr;
  }
}

/** Runs a program to its end and returns its stdout without the last newline. Fails with `ExecError`, also when it takes too long. */
export async function exec(command: string, args: readonly string[], options: ExecOptions = {}): Promise<string> {
  const { env, cwd, signal, timeoutMs = DEADLINE_MS, onSpawn, clock = systemClock } = options;
  const late = new AbortController();
  const timer = timeoutMs === 0 ? undefined : clock.setTimeout(() => late.abort(), timeoutMs);
  const end = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  // Not execa: it holds this process up for twice as long, at each start of a pod several times.
  const running = run(command, args, { env: { ...process.env, ...env }, cwd, signal: end, maxBuffer: MAX_OUTPUT_BYTES, killSignal: 'SIGKILL' });
  const { child } = running;
  child.stdin?.end();
  const started = child.pid !== undefined;
  if (started) onSpawn?.(child.pid);
  const exited = started ? new Promise((resolve) => child.once('exit', resolve)) : Promise.resolve();
  try {
    return (await running).stdout.replace(/\n$/, '');
  } catch (cause) {
    // What was given up has only been sent its signal yet.
    await inTime(exited, EXIT_MS, clock, () => new Error('it hangs')).catch(() => undefined);
    const { stderr = '' } = cause as { stderr?: string };
    throw new ExecError(`${basename(command)} ${late.signal.aborted ? 'took too long' : failureOf(cause as ExecFileFailure)}`, stderr, { cause });
  } finally {
    timer?.cancel();
  }
}

interface ExecFileFailure extends Error {
  code?: number | string | null;
  signal?: string | null;
}

function failureOf({ name, message, code, signal }: ExecFileFailure): string {
  if (name === 'AbortError') return 'was given up';
  if (typeof code === 'number') return `failed with exit code ${code}`;
  if (code) return `failed: ${message}`;
  return `was killed by ${signal}`;
}

/** Starts a program in its own session that outlives this process. `stderr` is a file descriptor. */
export function spawnDetached(command: string, args: readonly string[], options: { env: Record<string, string>; stderr: number }): void {
  const env = { ...process.env, ...options.env };
  const child = spawn(command, args, { detached: true, cwd: '/', stdio: ['ignore', 'ignore', options.stderr], env });
  child.on('error', () => {});
  child.unref();
}

export interface SocketProgram {
  /** Its other end is the program's descriptor 3. */
  socket: Socket;
  stdout: Readable;
  stderr: Readable;
  /** When the program has ended, or could not be started. */
  exited: Promise<Error | undefined>;
  kill(): void;
}

/** Starts a program that is spoken to through a socket, in both directions up to their own ends. */
export function spawnWithSocket(command: string, args: readonly string[]): SocketProgram {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const { promise: exited, resolve } = Promise.withResolvers<Error | undefined>();
  child.on('error', resolve);
  child.on('exit', () => resolve(undefined));
  const socket = child.stdio[3] as Socket;
  socket.allowHalfOpen = true;
  return { socket, stdout: child.stdout as Readable, stderr: child.stderr as Readable, exited, kill: () => void child.kill('SIGKILL') };
}
