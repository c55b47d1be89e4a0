import { EtcdLeaseInvalidError, isRecoverableError } from 'etcd3';
import { StorageError } from '../errors.ts';
import type { StorageErrorCode } from '../errors.ts';

/** etcd's refusals, by their text: gRPC's codes are too coarse and the client drops them. */
const refusals: readonly (readonly [RegExp, StorageErrorCode])[] = [
  [/request is too large|message larger than max/i, 'TooLarge'],
  [/required revision has been compacted/, 'Compacted'],
  [/required revision is a future revision/, 'TooLargeResourceVersion'],
];

const neverSentTexts = /No connection established|Channel closed before call started|Channel has been shut down/;

/** The `StorageError` for what the etcd client threw. What etcd did not refuse is trouble on the way to it. */
export function translateError(error: unknown, key?: string): StorageError {
  if (error instanceof StorageError) return error;
  const text = textOf(error);
  const code = refusals.find(([pattern]) => pattern.test(text))?.[1] ?? 'Unreachable';
  return new StorageError(code, `etcd: ${text}`, { cause: error, ...(key !== undefined && { key }) });
}

/** True when the request has certainly not reached etcd, so that a write may be sent again. */
export function wasNeverSent(error: unknown): boolean {
  return neverSentTexts.test(textOf(error));
}

/** True for connection trouble after which a read may be sent again. */
export function isConnectionTrouble(error: unknown): boolean {
  return wasNeverSent(error) || (error instanceof Error && isRecoverableError(error));
}

export function isLeaseLost(error: unknown): boolean {
  return error instanceof EtcdLeaseInvalidError;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
