import { checkShape } from './check-shape.ts';
import { ConfigFile, ConfigSyntaxError } from './config-file.ts';
import { rules } from './config-rules.ts';
import type { Finding } from './finding.ts';
import type { MachineLimits } from './machine-limits.ts';

/** The machine that the file is for. */
export interface ConfigGround {
  /** Whether there is a file or folder. */
  exists: (path: string) => boolean;
  /** Names in a folder; empty where there is none. */
  entries: (folder: string) => string[];
  limits: MachineLimits;
  /** The kubelet's. */
  cgroupDriver: 'cgroupfs' | 'systemd';
  /** What to name in the fix where there is none. */
  sandboxImage?: string;
}

/** Says of a `config.toml` what is wrong with it for a kubelet that speaks CRI, and the fix. Empty: nothing. */
export function checkContainerdConfig(text: string, ground: ConfigGround): Finding[] {
  try {
    const file = new ConfigFile(text);
    const shape = [...checkShape(file)];
    const told = new Set(shape.map(({ at }) => at));
    return [...shape, ...rules.flatMap((rule) => [...rule(file, ground)]).filter(({ at }) => !told.has(at))];
  } catch (error) {
    if (!(error instanceof ConfigSyntaxError)) throw error;
    return [{ severity: 'error', at: error.message, problem: 'this is no TOML, and containerd does not start', fix: 'mend that line; strings stand in double quotes, tables in [brackets]' }];
  }
}
