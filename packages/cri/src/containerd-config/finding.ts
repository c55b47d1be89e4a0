import { dotted } from './config-file.ts';

/** Something in a configuration that is in the way of pods (`error`) or will be one day (`warning`). */
export interface Finding {
  severity: 'error' | 'warning';
  /** Key in the file. */
  at: string;
  problem: string;
  fix: string;
}

export const error = (path: readonly string[], problem: string, fix: string): Finding => ({ severity: 'error', at: dotted(path), problem, fix });
export const warning = (path: readonly string[], problem: string, fix: string): Finding => ({ severity: 'warning', at: dotted(path), problem, fix });
