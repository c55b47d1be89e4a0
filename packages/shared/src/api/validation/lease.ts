import type { FieldError } from '../errors.ts';
import type { Lease } from '../lease.ts';
import { isQualifiedName } from '../names.ts';
import { check, checkMember, checkNonNegative, forbidden, invalid } from './field-errors.ts';
import { validateAnyMeta, validateAnyMetaUpdate } from './object-meta.ts';

export function validateLease(lease: Lease): FieldError[] {
  return [...validateAnyMeta(lease.metadata, { namespaced: true }), ...validateSpec(lease)];
}

export function validateLeaseUpdate(next: Lease, previous: Lease): FieldError[] {
  return [...validateAnyMetaUpdate(next.metadata, previous.metadata), ...validateSpec(next)];
}

function validateSpec({ spec = {} }: Lease): FieldError[] {
  const { leaseDurationSeconds: duration, leaseTransitions, strategy, preferredHolder } = spec;
  return [
    ...(duration !== undefined && duration <= 0 ? [invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')] : []),
    ...checkNonNegative('spec.leaseTransitions', leaseTransitions),
    ...(strategy === undefined ? [] : validateStrategy(strategy, 'spec.strategy.strategy')),
    ...(preferredHolder && !strategy ? [forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined')] : []),
  ];
}

/** Kubernetes' own, or anybody's with a domain. */
function validateStrategy(strategy: string, path: string): FieldError[] {
  return strategy.includes('/') ? check(path, strategy, isQualifiedName) : checkMember(path, strategy, ['OldestEmulationVersion']);
}
