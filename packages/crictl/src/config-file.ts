import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { CommandError } from './report.ts';

/** The settings that a file has by itself; every global flag may stand there too, by its name. */
export const fileSettings = ['runtime-endpoint', 'image-endpoint', 'timeout', 'debug', 'pull-image-on-create', 'disable-pull-on-run'] as const;

export type FileSetting = (typeof fileSettings)[number];

const defaults: Record<FileSetting, string> = { 'runtime-endpoint': '', 'image-endpoint': '', timeout: '0', debug: 'false', 'pull-image-on-create': 'false', 'disable-pull-on-run': 'false' };

/** crictl.yaml. What else it holds, comments too, stays as it is. */
export class ConfigFile {
  readonly path: string;
  readonly #document: Document;

  constructor(path: string) {
    this.path = path;
    this.#document = parseDocument(existsSync(path) ? readFileSync(path, 'utf8') : '');
    const [problem] = this.#document.errors;
    if (problem !== undefined) throw new CommandError(`load config file: ${path}: ${problem.message}`, { cause: problem });
    if (this.#document.contents !== null && !isMap(this.#document.contents)) throw new CommandError(`load config file: ${path}: it holds no settings by name`);
  }

  /** Of any name; undefined where it is not set. */
  get(name: string): unknown {
    return this.#document.get(name) ?? undefined;
  }

  show(name: string): string {
    const value = this.get(checked(name));
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : defaults[checked(name)];
  }

  set(name: string, text: string): void {
    this.#document.set(checked(name), valueOf(checked(name), text));
  }

  write(): void {
    for (const name of fileSettings) if (this.get(name) === undefined) this.#document.set(name, valueOf(name, defaults[name]));
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, this.#document.toString());
  }
}

function checked(name: string): FileSetting {
  const known = fileSettings.find((one) => one === name);
  if (known === undefined) throw new CommandError(`no configuration option named ${name}`);
  return known;
}

function valueOf(name: FileSetting, text: string): string | number | boolean {
  if (name.endsWith('-endpoint')) return text;
  if (name === 'timeout') {
    if (!/^\d+$/.test(text)) throw new CommandError(`parse timeout value '${text}': it is no number of seconds`);
    return Number(text);
  }
  if (!['true', 'false'].includes(text)) throw new CommandError(`parse ${name} value '${text}': it is neither true nor false`);
  return text === 'true';
}
