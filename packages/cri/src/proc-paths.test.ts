import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { maskedPaths } from './proc-paths.ts';

it('masked paths hide interrupts, and how hot each processor is where the node tells', () => {
  const cpus = mkdtempSync(join(tmpdir(), 'podling-cpus-'));
  for (const path of ['cpu0/thermal_throttle', 'cpu1', 'cpufreq/thermal_throttle']) mkdirSync(join(cpus, path), { recursive: true });
  const paths = maskedPaths(cpus);
  rmSync(cpus, { recursive: true });
  expect(paths).toContain('/proc/interrupts');
  expect(paths.filter((path) => path.includes('thermal'))).toEqual([join(cpus, 'cpu0/thermal_throttle')]);
});
