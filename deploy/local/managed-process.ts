import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isRunning, sendSignal } from '@podling/shared/process';
import type { ProcessIdentity } from '@podling/shared/process';
import { TimeoutError, waitUntil } from '../wait-until.ts';
import { lastError, logSize, logTail } from './process-log.ts';

/** How a process is started and how one sees that it serves. */
export interface ProcessSpec {
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  logPath: string;
  pidPath: string;
  /** True once it serves; asked again and again. Absent: it counts as ready when it is started. */
  ready?: () => Promise<boolean>;
}

/**
 * A process that outlives whoever started it. Its PID file also carries the start time, so that another process that
 * got the same PID is never signalled.
 */
export interface ManagedProcess {
  readonly name: string;
  readonly logPath: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** Starts it unless it runs, and waits until it is ready. Raises ProcessFailedError with what it has logged since. */
  start(): Promise<void>;
  /** SIGTERM, and SIGKILL after `graceMs` (10 s). Resolves when it is gone. */
  stop(options?: { graceMs?: number }): Promise<void>;
  /** Sends a signal; after SIGKILL it waits until the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** The last lines of its log. */
  logTail(lines?: number): string;
}

/** Raised when a process ends while it starts, or does not get ready. `log` is the end of what it wrote. */
export class ProcessFailedError extends Error {
  override name = 'ProcessFailedError';
  readonly log: string;

  constructor(message: string, log: string, options?: ErrorOptions) {
    super(`${message}\n${log}`, options);
    this.log = log;
  }
}

const readyTimeoutMs = 60_000;

/** Describes a process; nothing is started. */
export function managedProcess(spec: ProcessSpec): ManagedProcess {
  const current = (): ProcessIdentity | undefined => {
    const identity = readPidFile(spec.pidPath);
    return identity && isRunning(identity) ? identity : undefined;
  };
  const gone = async (identity: ProcessIdentity, timeoutMs: number): Promise<void> => {
    await waitUntil(`end of ${spec.name}`, () => !isRunning(identity), { timeoutMs });
  };
  return {
    name: spec.name,
    logPath: spec.logPath,
    get pid() {
      return current()?.pid;
    },
    start: async () => {
      const running = current();
      const logged = running ? 0 : logSize(spec.logPath);
      await waitReady(spec, running ?? launch(spec, logged), logged);
    },
    stop: async ({ graceMs = 10_000 } = {}) => {
      const identity = current();
      if (identity) await terminate(identity, graceMs, gone);
      rmSync(spec.pidPath, { force: true });
    },
    kill: async (signal) => {
      const identity = current();
      if (!identity) return;
      sendSignal(identity.pid, signal);
      if (signal === 'SIGKILL') await gone(identity, 10_000);
    },
    logTail: (lines) => logTail(spec.logPath, lines === undefined ? {} : { lines }),
  };
}

async function terminate(identity: ProcessIdentity, graceMs: number, gone: (identity: ProcessIdentity, timeoutMs: number) => Promise<void>): Promise<void> {
  sendSignal(identity.pid, 'SIGTERM');
  sendSignal(identity.pid, 'SIGCONT');
  try {
    await gone(identity, graceMs);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    sendSignal(identity.pid, 'SIGKILL');
    await gone(identity, 10_000);
  }
}

function launch(spec: ProcessSpec, logged: number): ProcessIdentity {
  for (const path of [spec.logPath, spec.pidPath]) mkdirSync(dirname(path), { recursive: true });
  const log = openSync(spec.logPath, 'a', 0o600);
  const child = spawn(spec.command, spec.args, { detached: true, stdio: ['ignore', log, log], cwd: '/', env: { ...process.env, ...spec.env } });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  if (child.pid === undefined) throw new ProcessFailedError(`${spec.name} cannot be started`, `there is no ${spec.command}, or it may not be run`);
  const identity = identify(child.pid);
  if (!identity) throw endedEarly(spec, logged);
  writeFileSync(spec.pidPath, JSON.stringify(identity));
  return identity;
}

/** Of what stands in the log behind its first `logged` bytes. */
function endedEarly({ name, logPath }: ProcessSpec, logged: number): ProcessFailedError {
  const why = lastError(logPath, logged);
  return new ProcessFailedError(`${name} has ended while it started${why === undefined ? '' : `: ${why}`}`, logTail(logPath, { from: logged }));
}

async function waitReady(spec: ProcessSpec, identity: ProcessIdentity, logged: number): Promise<void> {
  const { ready } = spec;
  if (!ready) return;
  const check = (): void => {
    if (!isRunning(identity)) throw endedEarly(spec, logged);
  };
  try {
    await waitUntil(`${spec.name} to be ready`, ready, { timeoutMs: readyTimeoutMs, check });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    throw new ProcessFailedError(error.message, logTail(spec.logPath, { from: logged }), { cause: error });
  }
}

function readPidFile(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
