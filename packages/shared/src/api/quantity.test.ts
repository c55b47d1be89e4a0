import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalQuantity, compareQuantities, formatBytes, formatMilli, formatQuantity, isQuantity, parseQuantity, QuantityError,
  quantityToBytes, quantityToMilli, roundToMilli, storedQuantity, type QuantityFormat,
} from './quantity.ts';

const MAX = 2n ** 63n - 1n;

describe('quantity', () => {
  it.each([
    ['0', 0n], ['1', 10n ** 9n], ['+1', 10n ** 9n], ['-1', -(10n ** 9n)], ['500m', 500_000_000n], ['0.5', 500_000_000n], ['.5', 500_000_000n],
    ['5.', 5n * 10n ** 9n], ['1n', 1n], ['1u', 1000n], ['1k', 10n ** 12n], ['1e3', 10n ** 12n], ['1E3', 10n ** 12n], ['1e-3', 1_000_000n],
    ['1E', 10n ** 27n], ['1Ki', 1024n * 10n ** 9n], ['0.5Gi', 2n ** 29n * 10n ** 9n], ['128M', 128n * 10n ** 15n], ['0.0000000001', 1n],
    ['-0.0000000001', -1n], ['0.000000001n', 1n], ['1e1000', 10n ** 1009n], ['1e99999999', 10n ** 1009n], ['-20E', -2n * 10n ** 28n], ['20Ei', MAX * 10n ** 9n], ['.', 0n], ['m', 0n], ['-Ki', 0n], ['1e-1000', 1n],
    ['00001', 10n ** 9n], ['0.00000000000000', 0n], [`1${'0'.repeat(5000)}`, 10n ** 1009n], [`1.${'0'.repeat(5000)}1`, 10n ** 9n + 1n],
    [`${'0'.repeat(5000)}1`, 10n ** 9n],
  ])('reads %.20s', (text, nanos) => {
    expect(parseQuantity(text)).toBe(nanos);
  });

  it.each(['', ' ', '1.2.3', 'abc', '1 Gi', ' 1', '1\n', '1gi', '1KI', '1ki', '1mm', '1Kie', '1e', '1e+', '--1', '+-1', '0x10', '1,5', 'Infinity'])(
    'refuses %j', (text) => {
      expect(isQuantity(text)).toBe(false);
      expect(() => parseQuantity(text)).toThrow(QuantityError);
    },
  );

  it.each([
    ['0.5', '500m'], ['1000m', '1'], ['1500m', '1500m'], ['1024Mi', '1Gi'], ['1536Mi', '1536Mi'], ['1.5Gi', '1536Mi'], ['1000Ki', '1000Ki'],
    ['0.5Ki', '512'], ['0.1Ki', '102400m'], ['1e3', '1e3'], ['12e2', '1200'], ['0.001', '1m'], ['1000000', '1M'], ['-1000', '-1k'], ['0Gi', '0'],
    ['100000000000', '100G'], ['1.0', '1'], ['1e19', '10e18'], ['0.5n', '1n'], ['9223372036854775808', '9223372036854775808'], ['1e-10', '1e-9'], ['8Ei', '9223372036854775807'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each([
    ['+1', '+1'], ['1E3', '1E3'], ['00010', '00010'], ['0001Gi', '0001Gi'], ['5.', '5.'], ['1e+3', '1e+3'], ['1.500', '1.500'], ['1500', '1500'],
    ['1.50', '1500m'], ['1.0', '1'], ['1000', '1k'], ['.5', '500m'], ['1024Mi', '1Gi'], ['8Mi', '8Mi'], ['0e5', '0'], ['-0', '0'], ['.', '0'],
    ['1000m', '1'], ['100000000000Ki', '97656250Mi'], ['9223372036854775807E', '9223372036854775807E'], ['1e30', '1e30'], ['1e400', '10e399'],
  ])('answers %s with %s', (text, stored) => {
    expect(storedQuantity(text)).toBe(stored);
  });

  it.each([['1n', '1m'], ['1e-9', '1e-3'], ['1.5m', '2m'], ['-1n', '-1m'], ['+1', '+1'], ['0.1Ei', '115292150460684697600m']])('rounds %s up to %s', (text, rounded) => {
    expect(roundToMilli(storedQuantity(text))).toBe(rounded);
  });

  it('never counts more than Kubernetes can', () => {
    expect(quantityToBytes('1e400')).toBe(MAX);
    expect(quantityToMilli('-1e400')).toBe(-MAX);
  });

  it.each([['100m', 100n], ['1', 1000n], ['0.0001', 1n], ['-0.0001', -1n], ['2', 2000n]])('%s is %s thousandths', (text, milli) => {
    expect(quantityToMilli(text)).toBe(milli);
  });

  it.each([['1Ki', 1024n], ['1500m', 2n], ['100m', 1n], ['1M', 1_000_000n]])('%s is %s whole units, rounded up', (text, bytes) => {
    expect(quantityToBytes(text)).toBe(bytes);
  });

  it('compares amounts, not texts', () => {
    expect(compareQuantities('1024Mi', '1Gi')).toBe(0);
    expect(compareQuantities('999m', '1')).toBe(-1);
    expect(compareQuantities('1k', '1')).toBe(1);
  });

  it('writes millicores and bytes', () => {
    expect(formatMilli(1500)).toBe('1500m');
    expect(formatMilli(2000n)).toBe('2');
    expect(formatBytes(1_073_741_824)).toBe('1Gi');
    expect(formatBytes(1000n)).toBe('1k');
  });

  const format = fc.constantFrom<QuantityFormat>('DecimalSI', 'BinarySI', 'DecimalExponent');
  const amount = fc.bigInt({ min: -MAX * 10n ** 9n, max: MAX * 10n ** 9n });

  it('reads back exactly what it writes', () => {
    fc.assert(fc.property(amount, format, (nanos, how) => parseQuantity(formatQuantity(nanos, how)) === nanos));
  });

  it('has one canonical form, which is its own canonical form', () => {
    fc.assert(
      fc.property(amount, format, (nanos, how) => {
        const text = canonicalQuantity(formatQuantity(nanos, how));
        return canonicalQuantity(text) === text && parseQuantity(text) === nanos;
      }),
    );
  });

  it('answers any text with an amount or a QuantityError', () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^[-+]?[0-9.]{0,30}[eEinumkKMGTP]{0,3}[-+]?[0-9]{0,5}$/));
    fc.assert(
      fc.property(texts, (text) => {
        if (isQuantity(text)) return parseQuantity(storedQuantity(text)) === parseQuantity(text) && storedQuantity(storedQuantity(text)) === storedQuantity(text);
        expect(() => parseQuantity(text)).toThrow(QuantityError);
        return true;
      }),
    );
  });
});
