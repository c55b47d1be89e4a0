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
const LARGEST_INT64 = 2n ** 63n - 1n;
/** No amount has more digits than this: what is larger counts as it. */
const DIGITS = 1000;
const LARGEST = 10n ** BigInt(DIGITS) * NANOS;
/** More digits than any amount can need. */
const SIGNIFICANT_DIGITS = 64;

const decimalSuffixes: readonly [suffix: string, exponent: number][] = [
  ['n', -9], ['u', -6], ['m', -3], ['', 0], ['k', 3], ['M', 6], ['G', 9], ['T', 12], ['P', 15], ['E', 18],
];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** Two steps, neither of which can backtrack over a long text. */
const numberShape = /^([+-]?)([0-9]*)(?:\.([0-9]*))?/;
/** What most amounts look like: canonical without a closer look. */
const plainQuantity = /^[1-9][0-9]{0,2}(?:[num]|[kMGTPE]|[KMG]i)?$/;
const suffixShape = /^[eEinumkKMGTP]*[-+]?[0-9]*$/;

interface ParsedQuantity {
  nanos: bigint;
  format: QuantityFormat;
}

interface Scale {
  format: QuantityFormat;
  exponent: number;
  /** Of 1024. */
  power: number;
}

/**
 * The exact amount in nano-units, rounded away from zero where it is finer than that. With a binary suffix it is at most
 * 2^63 - 1 units.
 * Throws {@link QuantityError} with Kubernetes' message.
 */
export function parseQuantity(quantity: Quantity): bigint {
  return parse(quantity).nanos;
}

export function isQuantity(text: string): boolean {
  return typeof readShape(text) !== 'string';
}

/** The one way Kubernetes writes this amount: `0.5` → `500m`, `1024Mi` → `1Gi`. */
export function canonicalQuantity(quantity: Quantity): Quantity {
  const { nanos, format } = parse(quantity);
  return formatQuantity(nanos, format);
}

/**
 * The way an amount that came as `quantity` is stored and answered. As in Kubernetes that is not quite the canonical one: what
 * its quick reader takes for canonical stays as it is, such as `+1`, `1E3` and `007`.
 */
export function storedQuantity(quantity: Quantity): Quantity {
  if (plainQuantity.test(quantity)) return quantity;
  const parts = readShape(quantity);
  return typeof parts !== 'string' && keepsShape(parts) ? quantity : canonicalQuantity(quantity);
}

/** A stored amount in the way it is written, rounded up to thousandths. */
export function roundToMilli(quantity: Quantity): Quantity {
  const { nanos, format } = parse(quantity);
  return nanos % 1_000_000n === 0n ? quantity : formatQuantity(divideAwayFromZero(nanos, 1_000_000n) * 1_000_000n, format);
}

/** How the amount is written, and so how sums with it are. */
export function quantityFormat(quantity: Quantity): QuantityFormat {
  return parse(quantity).format;
}

/** Thousandths, rounded up and at most 2^63 - 1: millicores of a cpu quantity. */
export function quantityToMilli(quantity: Quantity): bigint {
  return toInt64(divideAwayFromZero(parseQuantity(quantity), 1_000_000n));
}

/** Whole units, rounded up and at most 2^63 - 1: bytes of a memory quantity. */
export function quantityToBytes(quantity: Quantity): bigint {
  return toInt64(divideAwayFromZero(parseQuantity(quantity), NANOS));
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
  let exponent = -9;
  while ((asExponent || exponent < 18) && mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (asExponent) return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
  return `${mantissa}${decimalSuffixes.find(([, power]) => power === exponent)?.[0] ?? ''}`;
}

function parse(text: Quantity): ParsedQuantity {
  const parts = readShape(text);
  if (typeof parts === 'string') throw new QuantityError(parts);
  const { isNegative, whole, fraction, scale } = parts;
  const nanos = scaleUp(whole, fraction, scale);
  const isBinary = scale.format === 'BinarySI';
  const capped = isBinary && nanos > LARGEST_INT64 * NANOS ? LARGEST_INT64 * NANOS : nanos;
  return { nanos: isNegative ? -capped : capped, format: isBinary && capped < NANOS ? 'DecimalSI' : scale.format };
}

interface QuantityParts {
  isNegative: boolean;
  /** Without leading zeros. */
  whole: string;
  fraction: string;
  scale: Scale;
}

/** The parts of a quantity, or what is wrong with it. A number without digits is zero. */
function readShape(text: string): QuantityParts | string {
  const [head = '', sign, whole = '', fraction = ''] = numberShape.exec(text) ?? [];
  const suffix = text.slice(head.length);
  if (text === '' || !suffixShape.test(suffix) || text.endsWith('\n')) {
    return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  }
  const scale = readSuffix(suffix);
  if (!scale) return "unable to parse quantity's suffix";
  return { isNegative: sign === '-', whole: whole.replace(/^0+/, ''), fraction, scale };
}

/** Whether Kubernetes' quick reader takes the amount, and takes it for canonical. */
function keepsShape({ whole, fraction, scale: { format, exponent, power } }: QuantityParts): boolean {
  const digits = (whole || '0') + fraction;
  if (format === 'BinarySI') {
    const fits = fraction === '' && digits.length <= 14 - 3 * power;
    return fits && Number(digits) % 8 !== 0;
  }
  const places = exponent - fraction.length;
  return digits.length <= 18 && places >= -9 && places % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

function toInt64(amount: bigint): bigint {
  if (amount > LARGEST_INT64) return LARGEST_INT64;
  return amount < -LARGEST_INT64 ? -LARGEST_INT64 : amount;
}

function readSuffix(suffix: string): Scale | undefined {
  const decimal = decimalSuffixes.find(([name]) => name === suffix);
  if (decimal) return { format: 'DecimalSI', exponent: decimal[1], power: 0 };
  const power = binarySuffixes.indexOf(suffix);
  if (power > 0) return { format: 'BinarySI', exponent: 0, power };
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) return undefined;
  const exponent = Math.max(-2 * DIGITS, Math.min(2 * DIGITS, Number(suffix.slice(1))));
  return { format: 'DecimalExponent', exponent, power: 0 };
}

/** `whole.fraction × 10^exponent × 1024^power` in nano-units, rounded up. */
function scaleUp(whole: string, fraction: string, { exponent, power }: Scale): bigint {
  const digits = whole + fraction;
  const leading = digits.replace(/^0+/, '');
  const kept = leading.slice(0, SIGNIFICANT_DIGITS);
  if (kept === '') return 0n;
  const inexact = /[1-9]/.test(leading.slice(SIGNIFICANT_DIGITS));
  const shift = exponent + 9 - fraction.length + (leading.length - kept.length);
  const mantissa = BigInt(kept) * 1024n ** BigInt(power);
  if (shift > DIGITS) return LARGEST;
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
