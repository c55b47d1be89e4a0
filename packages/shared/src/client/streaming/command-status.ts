import { StreamError } from '../stream-error.ts';

interface CommandStatus {
  status?: string;
  reason?: string;
  message?: string;
  details?: { causes?: { reason?: string; message?: string }[] };
}

/** The exit code in what the error channel says (a Status as JSON). Throws `StreamError` when it says something else. */
export function exitCodeOf(text: string): number {
  const { status, reason, message = '', details } = parse(text);
  if (status === 'Success') return 0;
  if (status !== 'Failure') throw new StreamError('error stream protocol error: unknown error');
  if (reason !== 'NonZeroExitCode') throw new StreamError(message);
  const code = details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
  if (code === undefined) throw new StreamError('error stream protocol error: no ExitCode cause given');
  if (!/^\d+$/.test(code) || Number(code) > 255) throw new StreamError(`error stream protocol error: invalid exit code value ${JSON.stringify(code)}`);
  return Number(code);
}

function parse(text: string): CommandStatus {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
    throw new Error('it is no object');
  } catch (error) {
    throw new StreamError(`error stream protocol error: ${(error as Error).message} in ${JSON.stringify(text.slice(0, 200))}`, { cause: error });
  }
}
