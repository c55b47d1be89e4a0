/** An amount in Kubernetes' notation: `500m`, `1Gi`, `128M`, `1e3`, `0.5`. */
export type Quantity = string;

/** How an amount is written: `1500m`/`2k`, `1500Ki`, `15e2`. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export class QuantityError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QuantityError';
  }
}

const NANOS = 1_000_000_000n;
const LARGEST = (2n ** 63n - 1n) * NANOS;
/** More digits than any amount within the limits can need, rounding included. */
const SIGNIFICANT_DIGITS = 64;

const decimalSuffixes: readonly [suffix: string, exponent: number][] = [
  ['n', -9], ['u', -6], ['m', -3], ['', 0], ['k', 3], ['M', 6], ['G', 9], ['T', 12], ['P', 15], ['E', 18],
];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** Two steps, neither of which can backtrack over a long text. */
const numberShape = /^([+-]?)([0-9.]+)/;
const suffixShape = /^[eEinumkKMGTP]*[-+]?[0-9]*$/;

interface ParsedQuantity {
  nanos: bigint;
  format: QuantityFormat;
}

interface Scale {
  format: QuantityFormat;
  exponent: number;
  factor: bigint;
}

/**
 * The exact amount in nano-units, rounded away from zero where it is finer than that and capped at ±(2^63 - 1) units.
 * Throws {@link QuantityError} with Kubernetes' message.
 */
export function parseQuantity(quantity: Quantity): bigint {
  return parse(quantity).nanos;
}

export function isQuantity(text: string): boolean {
  return Array.isArray(readShape(text));
}

/** The one way Kubernetes writes this amount: `0.5` → `500m`, `1024Mi` → `1Gi`. */
export function canonicalQuantity(quantity: Quantity): Quantity {
  const { nanos, format } = parse(quantity);
  return formatQuantity(nanos, format);
}

/** How the amount is written, and so how sums with it are. */
export function quantityFormat(quantity: Quantity): QuantityFormat {
  return parse(quantity).format;
}

/** Thousandths, rounded up: millicores of a cpu quantity. */
export function quantityToMilli(quantity: Quantity): bigint {
  return divideAwayFromZero(parseQuantity(quantity), 1_000_000n);
}

/** Whole units, rounded up: bytes of a memory quantity. */
export function quantityToBytes(quantity: Quantity): bigint {
  return divideAwayFromZero(parseQuantity(quantity), NANOS);
}

/** Below, at or above zero as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  const difference = parseQuantity(a) - parseQuantity(b);
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** Millicores as a quantity: 1500 → `1500m`, 2000 → `2`. */
export function formatMilli(milli: bigint | number): Quantity {
  return formatQuantity(BigInt(milli) * 1_000_000n, 'DecimalSI');
}

/** Bytes as a quantity: 1073741824 → `1Gi`. */
export function formatBytes(bytes: bigint | number): Quantity {
  return formatQuantity(BigInt(bytes) * NANOS, 'BinarySI');
}

/** An amount in nano-units with the largest suffix that keeps it a whole number. */
export function formatQuantity(nanos: bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
  if (nanos === 0n) return '0';
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (format === 'BinarySI' && magnitude >= 1024n * NANOS && nanos % NANOS === 0n) return formatBinary(nanos / NANOS);
  return formatDecimal(nanos, format === 'DecimalExponent');
}

function formatBinary(units: bigint): Quantity {
  let mantissa = units;
  let power = 0;
  while (power < binarySuffixes.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    power += 1;
  }
  return `${mantissa}${binarySuffixes[power]}`;
}

function formatDecimal(nanos: bigint, asExponent: boolean): Quantity {
  let mantissa = nanos;
  let index = 0;
  while (index < decimalSuffixes.length - 1 && mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    index += 1;
  }
  const [suffix, exponent] = decimalSuffixes[index] ?? ['', 0];
  if (!asExponent) return `${mantissa}${suffix}`;
  return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
}

function parse(text: Quantity): ParsedQuantity {
  const read = readShape(text);
  if (typeof read === 'string') throw new QuantityError(read);
  const [negative, whole, fraction, scale] = read;
  const nanos = scaleUp(whole, fraction, scale);
  const capped = nanos > LARGEST ? LARGEST : nanos;
  return { nanos: negative ? -capped : capped, format: scale.format };
}

/** The parts of a quantity, or what is wrong with it. */
function readShape(text: string): [negative: boolean, whole: string, fraction: string, scale: Scale] | string {
  const [head = '', sign, number = ''] = numberShape.exec(text) ?? [];
  const suffix = text.slice(head.length);
  if (head === '' || !suffixShape.test(suffix) || text.endsWith('\n')) {
    return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  }
  const scale = readSuffix(suffix);
  if (!scale) return "unable to parse quantity's suffix";
  const [whole = '', fraction = '', ...rest] = number.split('.');
  if (rest.length > 0 || whole + fraction === '') return 'unable to parse numeric part of quantity';
  return [sign === '-', whole, fraction, scale];
}

function readSuffix(suffix: string): Scale | undefined {
  const decimal = decimalSuffixes.find(([name]) => name === suffix);
  if (decimal) return { format: 'DecimalSI', exponent: decimal[1], factor: 1n };
  const power = binarySuffixes.indexOf(suffix);
  if (power > 0) return { format: 'BinarySI', exponent: 0, factor: 1024n ** BigInt(power) };
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) return undefined;
  const exponent = Math.max(-1000, Math.min(1000, Number(suffix.slice(1))));
  return { format: 'DecimalExponent', exponent, factor: 1n };
}

/** `whole.fraction × 10^exponent × factor` in nano-units, rounded up. */
function scaleUp(whole: string, fraction: string, { exponent, factor }: Scale): bigint {
  const digits = whole.replace(/^0+/, '') + fraction;
  const leading = digits.replace(/^0+/, '');
  const kept = leading.slice(0, SIGNIFICANT_DIGITS);
  if (kept === '') return 0n;
  const inexact = /[1-9]/.test(leading.slice(SIGNIFICANT_DIGITS));
  const shift = exponent + 9 - fraction.length + (leading.length - kept.length);
  const mantissa = BigInt(kept) * factor;
  if (shift > 64) return LARGEST;
  if (shift >= 0) return (mantissa + (inexact ? 1n : 0n)) * 10n ** BigInt(shift);
  if (shift < -2 * SIGNIFICANT_DIGITS) return 1n;
  const divisor = 10n ** BigInt(-shift);
  return mantissa / divisor + (inexact || mantissa % divisor !== 0n ? 1n : 0n);
}

function divideAwayFromZero(amount: bigint, unit: bigint): bigint {
  const quotient = amount / unit;
  if (amount % unit === 0n) return quotient;
  return amount < 0n ? quotient - 1n : quotient + 1n;
}
