import type { FieldError } from '../errors.ts';
import type { TokenRequest } from '../token-request.ts';
import { invalid } from './field-errors.ts';

const minSeconds = 600;
const maxSeconds = 2 ** 32;

export function validateTokenRequest({ spec: { expirationSeconds = 0 } }: TokenRequest): FieldError[] {
  const field = 'spec.expirationSeconds';
  if (expirationSeconds < minSeconds) return [invalid(field, expirationSeconds, 'may not specify a duration less than 10 minutes')];
  if (expirationSeconds > maxSeconds) return [invalid(field, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')];
  return [];
}
