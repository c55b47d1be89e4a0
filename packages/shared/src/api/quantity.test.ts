import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalQuantity, compareQuantities, formatBytes, formatMilli, formatQuantity, isQuantity, parseQuantity, QuantityError,
  quantityToBytes, quantityToMilli, type QuantityFormat,
} from './quantity.ts';

const MAX = 2n ** 63n - 1n;

describe('quantity', () => {
  it.each([
    ['0', 0n], ['1', 10n ** 9n], ['+1', 10n ** 9n], ['-1', -(10n ** 9n)], ['500m', 500_000_000n], ['0.5', 500_000_000n], ['.5', 500_000_000n],
    ['5.', 5n * 10n ** 9n], ['1n', 1n], ['1u', 1000n], ['1k', 10n ** 12n], ['1e3', 10n ** 12n], ['1E3', 10n ** 12n], ['1e-3', 1_000_000n],
    ['1E', 10n ** 27n], ['1Ki', 1024n * 10n ** 9n], ['0.5Gi', 2n ** 29n * 10n ** 9n], ['128M', 128n * 10n ** 15n], ['0.0000000001', 1n],
    ['-0.0000000001', -1n], ['0.000000001n', 1n], ['1e1000', MAX * 10n ** 9n], ['-20E', -MAX * 10n ** 9n], ['1e-1000', 1n],
    ['00001', 10n ** 9n], ['0.00000000000000', 0n], [`1${'0'.repeat(5000)}`, MAX * 10n ** 9n], [`1.${'0'.repeat(5000)}1`, 10n ** 9n + 1n],
    [`${'0'.repeat(5000)}1`, 10n ** 9n],
  ])('reads %.20s', (text, nanos) => {
    expect(parseQuantity(text)).toBe(nanos);
  });

  it.each(['', ' ', '.', '1.2.3', 'abc', '1 Gi', ' 1', '1\n', '1gi', '1KI', '1ki', '1mm', '1Kie', '1e', '1e+', '--1', '+-1', '0x10', '1,5', 'Infinity', 'm'])(
    'refuses %j', (text) => {
      expect(isQuantity(text)).toBe(false);
      expect(() => parseQuantity(text)).toThrow(QuantityError);
    },
  );

  it.each([
    ['0.5', '500m'], ['1000m', '1'], ['1500m', '1500m'], ['1024Mi', '1Gi'], ['1536Mi', '1536Mi'], ['1.5Gi', '1536Mi'], ['1000Ki', '1000Ki'],
    ['0.5Ki', '512'], ['0.1Ki', '102400m'], ['1e3', '1e3'], ['12e2', '1200'], ['0.001', '1m'], ['1000000', '1M'], ['-1000', '-1k'], ['0Gi', '0'],
    ['100000000000', '100G'], ['1.0', '1'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
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
        if (isQuantity(text)) return typeof parseQuantity(text) === 'bigint';
        expect(() => parseQuantity(text)).toThrow(QuantityError);
        return true;
      }),
    );
  });
});
