import { isValidPercent } from './names.ts';

/** A count, or a share of one: `2`, `"50%"`. */
export type IntOrPercent = number | string;

/** Of `total`, rounded up. Throws for text that is no percentage. Upstream twin: `intstr.GetScaledValueFromIntOrPercent`. */
export function scaleUp(value: IntOrPercent, total: number): number {
  if (typeof value === 'number') return value;
  if (isValidPercent(value).length > 0) throw new RangeError(`invalid value for IntOrString: invalid type: string is not a percentage`);
  return Math.ceil((Number(value.slice(0, -1)) * total) / 100);
}
