import type { CpuUsage } from '@podling/cri/v1';

/** Of one core, between two looks: `50.02`. Nothing to tell is `0.00`. */
export function cpuPercent(before: CpuUsage | null, now: CpuUsage | null): string {
  const [from, to] = [before?.usageCoreNanoSeconds?.value, now?.usageCoreNanoSeconds?.value];
  const elapsed = BigInt(now?.timestamp ?? 0) - BigInt(before?.timestamp ?? 0);
  if (from === undefined || to === undefined || elapsed <= 0n) return '0.00';
  return ((Number(BigInt(to) - BigInt(from)) / Number(elapsed)) * 100).toFixed(2);
}
