import { newForbidden } from '@podling/shared/api';
import type { ApiStatusError } from '@podling/shared/api';
import type { AdmissionRequest } from './admission.ts';

/** 403 for the object of a request; one that has no name yet goes by what its name is made of. */
export function refusal({ resource, name, object }: AdmissionRequest, why: string, options?: ErrorOptions): ApiStatusError {
  const shown = name || object?.metadata.name || object?.metadata.generateName || 'Unknown';
  const error = newForbidden(resource, shown, why);
  if (options?.cause !== undefined) error.cause = options.cause;
  return error;
}
