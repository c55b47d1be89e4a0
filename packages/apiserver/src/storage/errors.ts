export type StorageErrorCode =
  | 'KeyExists'
  | 'KeyNotFound'
  /** What a create requires has changed. */
  | 'RequirementFailed'
  /** A compare-and-swap lost too many times in a row. */
  | 'Conflict'
  /** The revision asked for is no longer kept. */
  | 'Compacted'
  /** The revision asked for is not there yet. */
  | 'TooLargeResourceVersion'
  /** The store refuses the value for its size. */
  | 'TooLarge'
  | 'Unreachable'
  /** A watcher fell too far behind and was closed; it can resume from the last revision it saw. */
  | 'SlowConsumer'
  | 'InvalidObject';

export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  readonly key: string | undefined;

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions & { key?: string }) {
    super(message, options);
    this.code = code;
    this.key = options?.key;
  }
}

export function isStorageError(error: unknown, code: StorageErrorCode): boolean {
  return error instanceof StorageError && error.code === code;
}

/** `resourceVersion` is not there yet: the store is at `current`. */
export function tooLarge(resourceVersion: string, current: string): StorageError {
  return new StorageError('TooLargeResourceVersion', `Too large resource version: ${resourceVersion}, current: ${current}`);
}

export function requirementFailed(key: string): StorageError {
  return new StorageError('RequirementFailed', `required key ${key} has changed`, { key });
}
