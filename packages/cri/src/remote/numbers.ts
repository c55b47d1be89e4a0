import type { Int64, Int64Value } from '../v1/index.ts';

/** Of a time in nanoseconds. What lies before the epoch, as Go's zero time does, is "not yet". */
export function milliseconds(nanoseconds: Int64): number {
  return Math.max(0, Number(BigInt(nanoseconds) / 1_000_000n));
}

/** Of a count that the runtime may not have. */
export function count(value: Int64Value | null): number {
  return value === null ? 0 : Number(value.value);
}

export function optionalCount(value: Int64Value | null): number | undefined {
  return value === null ? undefined : Number(value.value);
}
