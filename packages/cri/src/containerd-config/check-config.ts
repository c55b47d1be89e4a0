import { ConfigFile, ConfigSyntaxError } from './config-file.ts';
import { rules } from './config-rules.ts';
import type { MachineLimits } from './machine-limits.ts';

/** Something in a configuration that is in the way of pods (`error`) or will be one day (`warning`). */
export interface Finding {
  severity: 'error' | 'warning';
  /** Key in the file. */
  at: string;
  problem: string;
  fix: string;
}

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
    return rules.flatMap((rule) => [...rule(file, ground)]);
  } catch (error) {
    if (!(error instanceof ConfigSyntaxError)) throw error;
    return [{ severity: 'error', at: error.message, problem: 'this is no TOML, and containerd does not start', fix: 'mend that line; strings stand in double quotes, tables in [brackets]' }];
  }
}
