import { describe, expect, it } from 'vitest';
import { amountOf, parseThresholds } from './thresholds.ts';

const mi = 1024 * 1024;
const quantity = (text: string, amount: number) => ({ quantity: text, amount });

describe('thresholds', () => {
  it("are Kubernetes' own where the configuration is silent, and none with an empty evictionHard", () => {
    expect(parseThresholds({}).thresholds).toEqual([
      { signal: 'memory.available', value: quantity('100Mi', 100 * mi), gracePeriodMs: 0 },
      { signal: 'nodefs.available', value: { share: 0.1 }, gracePeriodMs: 0 },
      { signal: 'nodefs.inodesFree', value: { share: 0.05 }, gracePeriodMs: 0 },
      { signal: 'imagefs.available', value: { share: 0.15 }, gracePeriodMs: 0 },
      { signal: 'imagefs.inodesFree', value: { share: 0.05 }, gracePeriodMs: 0 },
    ]);
    expect(parseThresholds({ evictionHard: {} })).toEqual({ thresholds: [], errors: [] });
  });

  it('that are given replace the defaults, or add to them where that is asked for', () => {
    const evictionHard = { 'pid.available': '1k' };
    expect(parseThresholds({ evictionHard }).thresholds.map(({ signal }) => signal)).toEqual(['pid.available']);
    const merged = parseThresholds({ evictionHard: { 'memory.available': '1Gi', ...evictionHard }, mergeDefaultEvictionSettings: true }).thresholds;
    expect(merged.map(({ signal }) => signal)).toEqual(['memory.available', 'nodefs.available', 'nodefs.inodesFree', 'imagefs.available', 'imagefs.inodesFree', 'pid.available']);
    expect(merged[0]?.value).toEqual(quantity('1Gi', 1024 * mi));
  });

  it('may be soft, with a grace period, and may ask for more to be reclaimed', () => {
    const { thresholds, errors } = parseThresholds({
      evictionHard: { 'memory.available': '0%', 'nodefs.available': '100%' },
      evictionSoft: { 'memory.available': '30%' }, evictionSoftGracePeriod: { 'memory.available': '1m30s' }, evictionMinimumReclaim: { 'memory.available': '5%' },
    });
    expect({ thresholds, errors }).toEqual({ thresholds: [{ signal: 'memory.available', value: { share: 0.3 }, gracePeriodMs: 90_000, minReclaim: { share: 0.05 } }], errors: [] });
  });

  it('of memory count for what pods may have of it too, where that is enforced', () => {
    const { thresholds } = parseThresholds({
      evictionHard: { 'memory.available': '1Gi' }, evictionSoft: { 'memory.available': '2Gi' }, evictionSoftGracePeriod: { 'memory.available': '1m' }, enforceNodeAllocatable: ['pods'],
    });
    expect(thresholds.map(({ signal, gracePeriodMs }) => [signal, gracePeriodMs])).toEqual([['memory.available', 0], ['memory.available', 60_000], ['allocatableMemory.available', 0]]);
  });

  it.each([
    [{ evictionHard: { 'disk.available': '1Gi' } }, 'evictionHard[disk.available]', 'unsupported eviction signal disk.available'],
    [{ evictionHard: { 'memory.available': 'much' } }, 'evictionHard[memory.available]', 'must be a quantity or a percentage'],
    [{ evictionHard: { 'memory.available': '0' } }, 'evictionHard[memory.available]', 'eviction threshold memory.available must be positive: 0'],
    [{ evictionHard: { 'memory.available': '-1Mi' } }, 'evictionHard[memory.available]', 'eviction threshold memory.available must be positive: -1Mi'],
    [{ evictionHard: { 'memory.available': '-5%' } }, 'evictionHard[memory.available]', 'eviction percentage threshold memory.available must be >= 0%: -5%'],
    [{ evictionHard: { 'memory.available': '101%' } }, 'evictionHard[memory.available]', 'eviction percentage threshold memory.available must be <= 100%: 101%'],
    [{ evictionHard: { 'memory.available': '1.2.3%' } }, 'evictionHard[memory.available]', 'not a percentage: 1.2.3%'],
    [{ evictionSoft: { 'memory.available': '1Gi' } }, 'evictionSoftGracePeriod[memory.available]', 'grace period must be specified for the soft eviction threshold memory.available'],
    [{ evictionSoftGracePeriod: { 'memory.available': '-30s' } }, 'evictionSoftGracePeriod[memory.available]', 'invalid eviction grace period specified: -30s, must be a positive value'],
    [{ evictionSoftGracePeriod: { 'memory.available': 'soon' } }, 'evictionSoftGracePeriod[memory.available]', 'invalid duration "soon"'],
    [{ evictionMinimumReclaim: { 'nodefs.available': '-1' } }, 'evictionMinimumReclaim[nodefs.available]', 'negative eviction minimum reclaim specified for nodefs.available'],
    [{ evictionMinimumReclaim: { 'nodefs.available': '0%' } }, 'evictionMinimumReclaim[nodefs.available]', 'eviction percentage minimum reclaim nodefs.available must be positive: 0%'],
  ])('that cannot be read are named: %j', (settings, field, message) => {
    expect(parseThresholds(settings as never).errors).toMatchObject([{ field, message: expect.stringContaining(message) as string }]);
  });

  it('are an amount of the capacity', () => {
    expect([amountOf({ share: 0.1 }, 1005), amountOf(quantity('100', 100), 5)]).toEqual([100, 100]);
  });
});
