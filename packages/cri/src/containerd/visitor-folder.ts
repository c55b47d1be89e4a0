import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of what this process makes as a visitor of somebody's state. Those of visitors that were killed are cleared away. */
export function visitorFolder(stateDir: string): string {
  const visitors = join(stateDir, 'visitors');
  const own = join(visitors, String(process.pid));
  mkdirSync(own, { recursive: true, mode: 0o711 });
  for (const pid of readdirSync(visitors)) if (!existsSync(join('/proc', pid))) rmSync(join(visitors, pid), { recursive: true, force: true });
  return own;
}
