import { accessSync, constants } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { ask } from '../exec.ts';
import type { Tool } from './tool.ts';

/** Asks a program for its version; undefined when it does not run or says something else. */
export async function versionOf(program: string, { probe }: Pick<Tool, 'probe'>): Promise<string | undefined> {
  const said = await ask(program, probe.args, { all: true, ...(probe.env ? { env: probe.env } : {}) });
  return said === undefined ? undefined : probe.pattern.exec(said)?.[1];
}

/** Programs of that name on PATH and in the tool's other usual folders, in order. */
export function candidates(tool: Tool, path: string = process.env['PATH'] ?? ''): string[] {
  if (!tool.lookIn) return [];
  const folders = [...tool.lookIn, ...path.split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  const programs = folders.filter((folder) => folder !== '').map((folder) => join(folder, basename(tool.path)));
  return [...new Set(programs)].filter(isExecutable);
}

/** Says whether a command is on PATH (or in the system folders that PATH may lack). */
export function hasCommand(name: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && isExecutable(join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
