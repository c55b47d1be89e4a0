import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { execa, ExecaError } from 'execa';

export interface ExecOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Default 1 min; 0: none, for what its caller watches and ends by `signal`. */
  timeoutMs?: number;
  signal?: AbortSignal;
  onSpawn?: (pid: number) => void;
}

const DEADLINE_MS = 60_000;

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
  try {
    const running = execa(command, args, {
      stdin: 'ignore',
      env: options.env ?? {},
      timeout: options.timeoutMs ?? DEADLINE_MS,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    });
    if (running.pid !== undefined) options.onSpawn?.(running.pid);
    const { stdout } = await running;
    return stdout;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    const stderr = typeof error.stderr === 'string' ? error.stderr : '';
    throw new ExecError(error.shortMessage, stderr, { cause: error });
  }
}

/** Starts a program in its own session that outlives this process. `stderr` is a file descriptor. */
export function spawnDetached(command: string, args: readonly string[], options: { env: Record<string, string>; stderr: number }): void {
  const env = { ...process.env, ...options.env };
  // Not execa: it would pipe and wait for what is meant to be left alone.
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
