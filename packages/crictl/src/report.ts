import { CriError } from '@podling/cri';
import { sanitize } from '@podling/shared/sanitize';
import type { Io } from './io.ts';

export type Level = 'debug' | 'info' | 'warning' | 'error' | 'fatal';

/** A mistake of the caller, or a state he must know about. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** A command in a container has ended with an exit code, which is to be ours. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly exitCode: number;

  constructor(exitCode: number, message = `command terminated with exit code ${exitCode}`) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Says it on standard error, as scripts know it of crictl: `time="…" level=fatal msg="…"`; on a terminal in short. */
export function report(io: Io, level: Level, message: string): void {
  const text = sanitize(message);
  const time = new Date(io.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  io.err(io.errIsTerminal ? `${level.slice(0, 4).toUpperCase()}: ${text}\n` : `time="${time}" level=${level} msg=${JSON.stringify(text)}\n`);
}

/** The work, whose failure says what was tried: `listing containers: …`. */
export async function doing<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ExitError) throw new ExitError(cause.exitCode, `${what}: ${cause.message}`);
    throw new CommandError(`${what}: ${messageOf(cause)}`, { cause });
  }
}

const codes: readonly string[] = [
  'OK', 'Canceled', 'Unknown', 'InvalidArgument', 'DeadlineExceeded', 'NotFound', 'AlreadyExists', 'PermissionDenied', 'ResourceExhausted',
  'FailedPrecondition', 'Aborted', 'OutOfRange', 'Unimplemented', 'Internal', 'Unavailable', 'DataLoss', 'Unauthenticated',
];

/** A runtime's failure in gRPC's words, which scripts look for; another's as it is. */
export function messageOf(error: unknown): string {
  if (!(error instanceof CriError)) return error instanceof Error ? error.message : String(error);
  const { code, details } = (error.cause ?? {}) as { code?: unknown; details?: unknown };
  if (typeof code === 'number' && typeof details === 'string' && details !== '') return `rpc error: code = ${codes[code] ?? code} desc = ${details}`;
  return `rpc error: code = ${codes.includes(error.code) ? error.code : 'Unknown'} desc = ${error.message}`;
}

/** All of it goes on side by side; one failure after the other is told when all have ended. */
export async function all(work: readonly (() => Promise<void>)[]): Promise<void> {
  const failures = (await Promise.allSettled(work.map((one) => one()))).flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const [first, ...others] = failures;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  const message = failures.map(messageOf).join('\n');
  if (first instanceof ExitError) throw new ExitError(first.exitCode, message);
  throw new CommandError(message, { cause: first });
}
