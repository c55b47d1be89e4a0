import { readFileSync } from 'node:fs';

/** Mounts of this machine whose mount point is below `folder` and names `part`. */
export function mountsBelow(folder: string, part: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter((line) => line.includes(` ${folder}/`) && line.includes(part));
}
