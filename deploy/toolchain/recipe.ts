import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tool } from './tool.ts';

/** Where the pinned modules are. */
export const modulesFolder = fileURLToPath(new URL('modules', import.meta.url));

/** A fingerprint of how a tool is made; a module of ours is a program, so its source is part of it. */
export function recipeOf(tool: Tool, modules: string = modulesFolder): string {
  const { name, minimum, below, sources } = tool;
  const programs = sources.flatMap((source) => {
    const path = source.kind === 'module' ? join(modules, source.module, 'main.go') : '';
    return existsSync(path) ? [readFileSync(path, 'utf8')] : [];
  });
  const recipe = { name, minimum, below, sources, ...(programs.length === 0 ? {} : { programs }) };
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
}
