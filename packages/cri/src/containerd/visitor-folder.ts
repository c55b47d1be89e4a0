import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The folder of what this process makes as a visitor of somebody's state. Those of visitors that were killed are cleared away,
 * but for the records in `kept`, a folder of theirs: they are this one's from now on.
 */
export function visitorFolder(stateDir: string, kept: string): string {
  const visitors = join(stateDir, 'visitors');
  const own = join(visitors, String(process.pid));
  mkdirSync(own, { recursive: true, mode: 0o711 });
  mkdirSync(join(own, kept), { recursive: true, mode: 0o700 });
  for (const pid of readdirSync(visitors)) {
    if (existsSync(join('/proc', pid))) continue;
    takeOver(join(visitors, pid, kept), join(own, kept));
    rmSync(join(visitors, pid), { recursive: true, force: true });
  }
  return own;
}

/** Another visitor may be at it too: each record goes to one of them. */
function takeOver(from: string, to: string): void {
  try {
    for (const name of readdirSync(from)) renameSync(join(from, name), join(to, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
