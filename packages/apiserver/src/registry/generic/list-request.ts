import { newBadRequest, newExpired } from '@podling/shared/api';

/** What a continue token says: where the next page starts, and of which revision all pages are. */
export interface ContinueToken {
  startKey: string;
  resourceVersion: string;
}

export function encodeContinue({ startKey, resourceVersion }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: resourceVersion, start: startKey })).toString('base64url');
}

/** Throws 400 for a token that this server did not write, or that points outside `prefix`. */
export function decodeContinue(token: string, prefix: string): ContinueToken {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch (cause) {
    throw newBadRequest('continue key is not valid: it cannot be decoded', { cause });
  }
  const { rv, start } = (parsed ?? {}) as { rv?: unknown; start?: unknown };
  if (typeof rv !== 'string' || typeof start !== 'string' || !start.startsWith(prefix) || !/^\d+$/.test(rv)) {
    throw newBadRequest('continue key is not valid: it does not belong to this list');
  }
  return { startKey: start, resourceVersion: rv };
}

export function newExpiredContinue(cause: unknown): Error {
  return newExpired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
    { cause },
  );
}
