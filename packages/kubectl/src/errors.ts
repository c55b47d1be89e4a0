import { ApiStatusError } from '@podling/shared/errors';
import type { Status, StatusCause } from '@podling/shared/api';

/** A mistake of the caller or a state he must know about; its message is printed after `error: `. Exit status 1 unless told. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { exitCode?: number } = {}) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = options.exitCode ?? 1;
  }
}

/** A mistake in what was typed, and where the help is. `command` as typed behind kubectl: `create secret tls`. */
export function usageError(command: string, message: string): CommandError {
  return new CommandError(`${message}\nSee 'kubectl ${command} -h' for help and examples`);
}

/** For a command that takes no words. */
export function refuseWords(command: string, words: readonly string[]): void {
  if (words.length > 0) throw usageError(command, `Unexpected args: [${words.join(' ')}]`);
}

/** A flag with a value that it cannot have. `flag` with all its names: `-w, --watch`. */
export class FlagError extends Error {
  constructor(value: string, flag: string, why: string) {
    super(`invalid argument ${JSON.stringify(value)} for ${JSON.stringify(flag)} flag: ${why}`);
    this.name = 'FlagError';
  }
}

/** The status a command ends with that threw `error`. */
export const exitCodeOf = (error: unknown): number => (error instanceof CommandError ? error.exitCode : 1);

/** `--request-timeout` is over while an answer still came. */
export class RequestTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`context deadline exceeded: --request-timeout of ${timeoutMs} ms is over`);
    this.name = 'RequestTimeoutError';
  }
}

const CERTIFICATE_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** True for a failure below HTTP: the server was not reached or the connection broke. */
export function isConnectionError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ConnectionError';
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause);
  return code === '' && error instanceof AggregateError ? codeOf(error.errors[0]) : code;
}

function explainConnection(error: Error, server: string): string {
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return `The connection to the server ${server} was refused - did you specify the right host or port?`;
  const what = CERTIFICATE_CODE.test(code) ? 'tls: failed to verify certificate: ' : '';
  return `Unable to connect to the server: ${what}${error.message}`;
}

function causeLine({ field, message, reason }: StatusCause): string {
  const text = message ?? reason ?? '';
  return field === undefined || field === '' ? text : `${field}: ${text}`;
}

function invalidSubject(status: Status): string {
  const { kind, name } = status.details ?? {};
  if (kind !== undefined && name !== undefined && name !== '') return `The ${kind} "${name}" is invalid`;
  return kind === undefined ? 'The request is invalid' : `The ${kind} is invalid`;
}

function explainInvalid(status: Status): string {
  const lines = [...new Set((status.details?.causes ?? []).map(causeLine))];
  const subject = invalidSubject(status);
  if (lines.length === 0) return `${subject}: ${status.message ?? ''}`;
  return lines.length === 1 ? `${subject}: ${lines[0]}` : [`${subject}: `, ...lines.map((line) => `* ${line}`)].join('\n');
}

function explainStatus(error: ApiStatusError): string {
  const { status } = error;
  if (error.reason === 'Unauthorized') return `error: You must be logged in to the server (${error.message})`;
  if (error.reason === 'Invalid' && status.details !== undefined) return explainInvalid(status);
  return error.reason === 'Unknown' ? `Error from server: ${error.message}` : `Error from server (${error.reason}): ${error.message}`;
}

/** What the user reads on standard error, without a line feed at the end. `server` is the host and port asked. */
export function explainError(error: unknown, server: string): string {
  if (error instanceof ApiStatusError) return explainStatus(error);
  if (isConnectionError(error)) return explainConnection(error, server);
  return `error: ${error instanceof Error ? error.message : String(error)}`;
}

/** The same Status with its message placed: `error when creating "web.yaml": …`. */
export function withSource(error: unknown, verb: string, source: string): unknown {
  if (!(error instanceof ApiStatusError)) return error;
  const message = `error when ${verb} "${source}": ${error.message}`;
  return new ApiStatusError({ ...error.status, message }, { cause: error });
}
