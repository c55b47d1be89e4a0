import { vi } from 'vitest';

/** Looks at the world until `check` passes; fails with its last failure after five seconds. */
export function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 5_000, interval: 5 });
}
