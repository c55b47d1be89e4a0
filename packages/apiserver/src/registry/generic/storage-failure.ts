import {
  newAlreadyExists, newConflict, newExpired, newInternalError, newNotFound, newRequestTooLarge, newServiceUnavailable, newStatusError,
} from '@podling/shared/api';
import type { ApiStatusError, GroupResource } from '@podling/shared/api';
import { StorageError } from '../../storage/errors.ts';

/** The one place where a store's failure becomes an API error. Anything else passes through unchanged. */
export function toApiError(error: unknown, resource: GroupResource, name: string): unknown {
  return error instanceof StorageError ? translate(error, resource, name) : error;
}

function translate(error: StorageError, resource: GroupResource, name: string): ApiStatusError {
  const options = { cause: error };
  switch (error.code) {
    case 'KeyExists':
      return newAlreadyExists(resource, name);
    case 'KeyNotFound':
      return newNotFound(resource, name);
    case 'Conflict':
    case 'RequirementFailed':
      return newConflict(resource, name, 'the object has been modified; please apply your changes to the latest version and try again');
    case 'Compacted':
      return newExpired('The resourceVersion for the provided watch is too old.', options);
    case 'TooLargeResourceVersion':
      return newTooLargeResourceVersion(error);
    case 'TooLarge':
      return newRequestTooLarge(`Request entity too large: limit is set by the store: ${error.message}`, options);
    case 'Unreachable':
      return newServiceUnavailable(`the store cannot be reached: ${error.message}`, options);
    case 'SlowConsumer':
      return newExpired('the watcher fell too far behind and was closed', options);
    case 'InvalidObject':
      return newInternalError(error.message, options);
  }
}

function newTooLargeResourceVersion(error: StorageError): ApiStatusError {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return newStatusError({ code: 504, reason: 'Timeout', message: `Timeout: ${error.message}`, details: { causes, retryAfterSeconds: 1 } }, { cause: error });
}
