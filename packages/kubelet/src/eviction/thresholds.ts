import { canonicalQuantity, isQuantity, parseQuantity, quantityToBytes, type FieldError } from '@podling/shared/api';
import type { DefaultedKubeletConfiguration } from '@podling/shared/scheme';
import { parseDurationMs } from '@podling/shared/util';
import { isSignal, type Signal } from './signals.ts';

/** An amount, or a share of the capacity. */
export type ThresholdValue = { quantity: string; amount: number } | { share: number };

/** Less than `value` of what the signal tells is too little. */
export interface Threshold {
  signal: Signal;
  value: ThresholdValue;
  /** How long it must be too little before pods go: 0 for a hard threshold. */
  gracePeriodMs: number;
  /** How much more than `value` there must be before it is enough again. */
  minReclaim?: ThresholdValue;
}

/** What cannot be read, with the path of its field. */
export type Fault = Pick<FieldError, 'field' | 'message'>;

export interface ThresholdConfig {
  thresholds: Threshold[];
  errors: Fault[];
}

type Settings = Partial<Pick<
  DefaultedKubeletConfiguration,
  'evictionHard' | 'evictionSoft' | 'evictionSoftGracePeriod' | 'evictionMinimumReclaim' | 'mergeDefaultEvictionSettings' | 'enforceNodeAllocatable'
>>;

/** Kubernetes' `DefaultEvictionHard` of Linux. */
const defaultEvictionHard: Readonly<Record<string, string>> = {
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
};

/**
 * The thresholds of a KubeletConfiguration. Without `evictionHard` its defaults count, beside one only if
 * `mergeDefaultEvictionSettings` says so. `errors` names all that cannot be read. Upstream twin: `ParseThresholdConfig`.
 */
export function parseThresholds(settings: Settings): ThresholdConfig {
  const { evictionSoft = {}, evictionSoftGracePeriod = {}, evictionMinimumReclaim = {}, enforceNodeAllocatable = [] } = settings;
  const errors: Fault[] = [];
  const hard = thresholdsOf('evictionHard', hardSettings(settings), errors).map(([signal, value]): Threshold => ({ signal, value, gracePeriodMs: 0 }));
  const periods = gracePeriodsOf(evictionSoftGracePeriod, errors);
  const soft = thresholdsOf('evictionSoft', evictionSoft, errors).flatMap(([signal, value]): Threshold[] => {
    const gracePeriodMs = periods.get(signal);
    if (gracePeriodMs !== undefined) return [{ signal, value, gracePeriodMs }];
    errors.push(invalid(`evictionSoftGracePeriod[${signal}]`, `grace period must be specified for the soft eviction threshold ${signal}`));
    return [];
  });
  const reclaims = reclaimsOf(evictionMinimumReclaim, errors);
  const thresholds = [...hard, ...soft].map((threshold) => withReclaim(threshold, reclaims.get(threshold.signal)));
  return { thresholds: enforceNodeAllocatable.includes('pods') ? [...thresholds, ...ofAllocatable(thresholds)] : thresholds, errors };
}

export const isHard = ({ gracePeriodMs }: Threshold): boolean => gracePeriodMs === 0;

/** How much a value is of this capacity. */
export function amountOf(value: ThresholdValue, capacity: number): number {
  return 'amount' in value ? value.amount : Math.trunc(capacity * value.share);
}

function hardSettings({ evictionHard, mergeDefaultEvictionSettings }: Settings): Readonly<Record<string, string>> {
  if (evictionHard === undefined) return defaultEvictionHard;
  return mergeDefaultEvictionSettings === true ? { ...defaultEvictionHard, ...evictionHard } : evictionHard;
}

/** What holds for the node's memory holds for what of it pods may have. */
function ofAllocatable(thresholds: readonly Threshold[]): Threshold[] {
  return thresholds.filter((threshold) => threshold.signal === 'memory.available' && isHard(threshold))
    .map((threshold) => ({ ...threshold, signal: 'allocatableMemory.available' }));
}

function withReclaim(threshold: Threshold, minReclaim: ThresholdValue | undefined): Threshold {
  return minReclaim === undefined ? threshold : { ...threshold, minReclaim };
}

/** 0% and 100% stand for no threshold. */
function thresholdsOf(field: string, statements: Readonly<Record<string, string>>, errors: Fault[]): [Signal, ThresholdValue][] {
  const wanted = Object.entries(statements).filter(([, text]) => text !== '0%' && text !== '100%');
  return parsed(field, Object.fromEntries(wanted), errors, (text, signal) => {
    const value = valueOf(text);
    if (typeof value === 'string') return value;
    if ('share' in value && value.share < 0) return `eviction percentage threshold ${signal} must be >= 0%: ${text}`;
    if ('share' in value && value.share > 1) return `eviction percentage threshold ${signal} must be <= 100%: ${text}`;
    return 'quantity' in value && parseQuantity(text) <= 0n ? `eviction threshold ${signal} must be positive: ${value.quantity}` : value;
  });
}

function reclaimsOf(statements: Readonly<Record<string, string>>, errors: Fault[]): Map<Signal, ThresholdValue> {
  return new Map(parsed('evictionMinimumReclaim', statements, errors, (text, signal) => {
    const value = valueOf(text);
    if (typeof value === 'string') return value;
    if ('share' in value && value.share <= 0) return `eviction percentage minimum reclaim ${signal} must be positive: ${text}`;
    return 'quantity' in value && parseQuantity(text) < 0n ? `negative eviction minimum reclaim specified for ${signal}` : value;
  }));
}

function gracePeriodsOf(statements: Readonly<Record<string, string>>, errors: Fault[]): Map<Signal, number> {
  return new Map(parsed('evictionSoftGracePeriod', statements, errors, (text) => {
    if (text.startsWith('-')) return `invalid eviction grace period specified: ${text}, must be a positive value`;
    try {
      return parseDurationMs(text);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }));
}

/** `read` gives the value, or says what is wrong with it. */
function parsed<T extends object | number>(field: string, statements: Readonly<Record<string, string>>, errors: Fault[], read: (text: string, signal: Signal) => T | string): [Signal, T][] {
  return Object.entries(statements).flatMap(([signal, text]): [Signal, T][] => {
    const value = isSignal(signal) ? read(text, signal) : `unsupported eviction signal ${signal}`;
    if (typeof value !== 'string') return [[signal as Signal, value]];
    errors.push(invalid(`${field}[${signal}]`, value));
    return [];
  });
}

function valueOf(text: string): ThresholdValue | string {
  if (text.endsWith('%')) {
    const percent = Number(text.slice(0, -1));
    return /^[+-]?[0-9.]+%$/.test(text) && !Number.isNaN(percent) ? { share: percent / 100 } : `not a percentage: ${text}`;
  }
  return isQuantity(text) ? { quantity: canonicalQuantity(text), amount: Number(quantityToBytes(text)) } : 'must be a quantity or a percentage, as in 100Mi or 5%';
}

function invalid(field: string, problem: string): Fault {
  return { field, message: `Invalid value: ${problem}` };
}
