import type { Int64, Int64Value } from '../v1/index.ts';

/** Of milliseconds since the epoch; 0 stays "not yet". */
export function nanoseconds(milliseconds: number): Int64 {
  return String(BigInt(Math.round(milliseconds)) * 1_000_000n);
}

export function figure(value: number | bigint): Int64Value {
  return { value: String(typeof value === 'bigint' ? value : Math.round(value)) };
}

export function optionalFigure(value: number | undefined): Int64Value | null {
  return value === undefined ? null : figure(value);
}
