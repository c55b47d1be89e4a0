import { newBadRequest, newExpired } from '@podling/shared/api';
import type { KubeList, KubeObject } from '@podling/shared/api';
import type { StorageList } from '../../storage/storage.ts';
import type { StoredObject } from '../../storage/stored-object.ts';

/** A list whose items are decoded only for who asks for them. All is shared. */
export interface ObjectList<T extends KubeObject> extends KubeList<T> {
  readonly stored: readonly StoredObject<T>[];
}

export function objectList<T extends KubeObject>(prefix: string, list: StorageList<T>): ObjectList<T> {
  const { stored, resourceVersion, continueKey, remainingItemCount } = list;
  const next = continueKey === undefined ? {} : { continue: encodeContinue(prefix, { startKey: continueKey, resourceVersion }) };
  const rest = remainingItemCount === undefined || continueKey === undefined ? {} : { remainingItemCount };
  return {
    metadata: { resourceVersion, ...next, ...rest },
    stored,
    get items() {
      return stored.map(({ object }) => object);
    },
  };
}

/** What a continue token says: where the next page starts, and of which revision all pages are; undefined: of any. */
export interface ContinueToken {
  startKey: string;
  resourceVersion: string | undefined;
}

const tokenVersion = 'meta.k8s.io/v1';
const anyRevision = -1;

/** Kubernetes' own form: the start is relative to the prefix. */
function encodeContinue(prefix: string, { startKey, resourceVersion }: ContinueToken): string {
  const rv = resourceVersion === undefined ? anyRevision : Number(resourceVersion);
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv, start: startKey.slice(prefix.length - 1) })).toString('base64url');
}

function newInvalidContinue(why: string, cause?: unknown): Error {
  return newBadRequest(`invalid continue token: continue key is not valid: ${why}`, { cause });
}

function parseToken(token: string): { v?: unknown; rv?: unknown; start?: unknown } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch (cause) {
    throw newInvalidContinue('it cannot be decoded', cause);
  }
  if (typeof parsed !== 'object' || parsed === null) throw newInvalidContinue('it is not an object');
  return parsed;
}

/** Throws 400 for a token that this server did not write, or that points outside `prefix`. */
export function decodeContinue(token: string, prefix: string): ContinueToken {
  const { v, rv, start } = parseToken(token);
  if (v !== tokenVersion) throw newInvalidContinue(`server does not recognize this encoded version ${String(v)}`);
  const isRevision = typeof rv === 'number' && Number.isSafeInteger(rv) && (rv > 0 || rv === anyRevision);
  if (!isRevision) throw newInvalidContinue(`incorrect encoded start resourceVersion (version ${tokenVersion})`);
  if (typeof start !== 'string' || start === '') throw newInvalidContinue('encoded start key empty');
  const path = start.replace(/^\//, '');
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) throw newInvalidContinue(start);
  return { startKey: prefix + path, resourceVersion: rv === anyRevision ? undefined : String(rv) };
}

const expiredContinue =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, '
  + 'or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an '
  + 'inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** 410 with a token that goes on from the same place in whatever is there now. */
export function newExpiredContinue(token: string, prefix: string, cause: unknown): Error {
  const error = newExpired(expiredContinue, { cause });
  const { startKey } = decodeContinue(token, prefix);
  error.status.metadata = { continue: encodeContinue(prefix, { startKey, resourceVersion: undefined }) };
  return error;
}

export function newExpiredList(cause: unknown): Error {
  return newExpired('The resourceVersion for the provided list is too old.', { cause });
}
