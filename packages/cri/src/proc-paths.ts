import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const CPUS = '/sys/devices/system/cpu';

/** OCI `linux.readonlyPaths` of a container that is not privileged. */
export const readonlyPaths = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map((name) => `/proc/${name}`);

/** OCI `linux.maskedPaths`, as Kubernetes has them: what shows the node's doings, for one the temperature of its processors. */
export function maskedPaths(cpus = CPUS): string[] {
  const hidden = ['acpi', 'asound', 'interrupts', 'kcore', 'keys', 'latency_stats', 'timer_list', 'timer_stats', 'sched_debug', 'scsi'];
  return [...hidden.map((name) => `/proc/${name}`), '/sys/firmware', '/sys/devices/virtual/powercap', ...thermalPaths(cpus)];
}

function thermalPaths(cpus: string): string[] {
  const names = existsSync(cpus) ? readdirSync(cpus).filter((name) => /^cpu\d+$/.test(name)) : [];
  return names.map((name) => join(cpus, name, 'thermal_throttle')).filter((path) => existsSync(path));
}
