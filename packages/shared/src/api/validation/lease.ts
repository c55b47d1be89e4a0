import type { FieldError } from '../errors.ts';
import type { Lease } from '../lease.ts';
import { checkNonNegative, invalid } from './field-errors.ts';
import { validateMeta, validateMetaUpdate } from './object-meta.ts';

export function validateLease(lease: Lease): FieldError[] {
  return [...validateMeta(lease.metadata, { namespaced: true }), ...validateSpec(lease)];
}

export function validateLeaseUpdate(next: Lease, previous: Lease): FieldError[] {
  return [...validateMetaUpdate(next.metadata, previous.metadata), ...validateSpec(next)];
}

function validateSpec({ spec = {} }: Lease): FieldError[] {
  const { leaseDurationSeconds: duration, leaseTransitions } = spec;
  return [
    ...(duration !== undefined && duration <= 0 ? [invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')] : []),
    ...checkNonNegative('spec.leaseTransitions', leaseTransitions),
  ];
}
