import { StorageError } from './errors.ts';

/**
 * The only place that knows that resource versions are numbers. Everywhere else they are opaque strings that are equal
 * or not. They are the store's revisions in canonical decimal form, so order is length first, then text: exact for all
 * 64 bits without a conversion.
 */
export function compareRevisions(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function isNewerRevision(candidate: string, than: string): boolean {
  return compareRevisions(candidate, than) > 0;
}

export function newestRevision(left: string, right: string): string {
  return isNewerRevision(left, right) ? left : right;
}

/** True for the decimal form that a store hands out, and for `'0'`. */
export function isRevision(text: string): boolean {
  return /^(?:0|[1-9]\d{0,18})$/.test(text);
}

/** Gives `text` back. Fails with `InvalidObject` when it cannot be a revision. */
export function checkedRevision(text: string): string {
  if (!isRevision(text)) throw new StorageError('InvalidObject', `invalid resource version ${JSON.stringify(text)}`);
  return text;
}

/** The revision right after `revision`: where a watch that has seen `revision` goes on. */
export function nextRevision(revision: string): string {
  return (BigInt(revision) + 1n).toString();
}

/** True when a watch has to begin with the present objects instead of going on from a revision. */
export function startsFromPresent(revision: string | undefined): boolean {
  return revision === undefined || revision === '' || revision === '0';
}
