import { CriError } from '../cri.ts';
import type { CriErrorCode } from '../cri.ts';
import { codeOfWords, nonsense } from './call-errors.ts';

interface Status {
  status?: unknown;
  message?: unknown;
  reason?: unknown;
  details?: { causes?: { reason?: unknown; message?: unknown }[] };
}

/** The exit code in a v4 stream's status. Fails as the command did, where it has none. */
export function exitCodeOf(text: string): number {
  const status = parse(text);
  if (status.status === 'Success') return 0;
  const causes = Array.isArray(status.details?.causes) ? status.details.causes : [];
  const code = Number(causes.find(({ reason }) => reason === 'ExitCode')?.message);
  if (status.reason === 'NonZeroExitCode' && Number.isInteger(code)) return code;
  const message = typeof status.message === 'string' ? status.message : text.slice(0, 200);
  const known: CriErrorCode | undefined = codeOfWords('Exec', message);
  throw new CriError(known ?? 'Unknown', message);
}

function parse(text: string): Status {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw nonsense('Exec', `its status is none: ${JSON.stringify(text.slice(0, 100))}`);
}
