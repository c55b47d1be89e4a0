import type { Lease } from '../lease.ts';

/** A lease always has a spec. */
export function defaultLease(lease: Lease): Lease {
  return lease.spec ? lease : { ...lease, spec: {} };
}
