import { describe, expect, it } from 'vitest';
import { CpuUsage } from './cpu-usage.ts';

const sample = (timestampMs: number, usageMs: number) => ({ timestampMs, usageNanoSeconds: BigInt(usageMs) * 1_000_000n });

describe('CpuUsage', () => {
  it('is the delta of CPU time over wall time, one core = 100 %', () => {
    const cpu = new CpuUsage();
    expect(cpu.record('c', sample(0, 0))).toBeUndefined();
    expect(cpu.record('c', sample(2_000, 1_000))).toBe(500_000_000n);
    expect(cpu.record('c', sample(4_000, 3_000))).toBe(1_000_000_000n);
  });

  it('reaches back to an older reading when two come close together', () => {
    const cpu = new CpuUsage();
    cpu.record('c', sample(0, 0));
    cpu.record('c', sample(10_000, 5_000));
    expect(cpu.record('c', sample(10_010, 5_005))).toBe(500_000_000n);
  });

  it('starts over with a new container of the same id', () => {
    const cpu = new CpuUsage();
    cpu.record('c', sample(0, 5_000));
    expect(cpu.record('c', sample(2_000, 10))).toBeUndefined();
  });

  it('forgets those that are gone', () => {
    const cpu = new CpuUsage();
    cpu.record('c', sample(0, 0));
    cpu.retain(new Set());
    expect(cpu.record('c', sample(2_000, 1_000))).toBeUndefined();
  });
});
