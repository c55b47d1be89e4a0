import type { FieldError } from '../errors.ts';
import type { ServiceAccount } from '../service-account.ts';
import { validateMeta } from './object-meta.ts';

export function validateServiceAccount({ metadata }: ServiceAccount): FieldError[] {
  return validateMeta(metadata, { namespaced: true });
}
