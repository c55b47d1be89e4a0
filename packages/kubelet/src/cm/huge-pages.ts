import { readdirSync } from 'node:fs';
import { quantityToBytes } from '@podling/shared/api';

const units = ['KB', 'MB', 'GB'];
/** More than any machine has: a number, since cgroup v1 has no word for it. */
const unbounded = 2 ** 62;

/** The sizes of huge pages that the kernel has, in its own spelling: `2MB`. */
export function readHugePageSizes(root = '/sys/kernel/mm/hugepages'): string[] {
  try {
    return readdirSync(root).flatMap((name) => {
      const kilobytes = /^hugepages-(\d+)kB$/.exec(name)?.[1];
      return kilobytes === undefined ? [] : [sizeText(Number(kilobytes) * 1024)];
    });
  } catch {
    return [];
  }
}

/** Of each size what is requested of it, and nothing of the others. */
export function hugePageLimitsOf(requests: Readonly<Record<string, string>>, sizes: readonly string[]): Record<string, number> {
  const requested = Object.entries(requests).flatMap(([name, amount]) => {
    const size = /^hugepages-(.+)$/.exec(name)?.[1];
    return size === undefined ? [] : [[sizeText(Number(quantityToBytes(size))), Number(quantityToBytes(amount))] as const];
  });
  return { ...Object.fromEntries(sizes.map((size) => [size, 0])), ...Object.fromEntries(requested) };
}

export function unboundedHugePages(sizes: readonly string[]): Record<string, number> {
  return Object.fromEntries(sizes.map((size) => [size, unbounded]));
}

function sizeText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(bytes / 1024) / 10), units.length - 1);
  return `${bytes / 1024 ** (power + 1)}${units[power]}`;
}
