import { vi } from 'vitest';

/** Looks at the world until `check` passes; fails with its last failure after fifteen seconds: machines are busy. */
export function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 15_000, interval: 5 });
}
