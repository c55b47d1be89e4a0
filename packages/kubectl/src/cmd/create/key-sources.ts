import { Option } from 'commander';
import type { Command } from 'commander';
import { isConfigMapKey, isEnvVarName } from '@podling/shared/names';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemProblem } from '@podling/shared/file-problem';
import { CommandError } from '../../errors.ts';
import { collectEach, listOption } from '../../flags.ts';

export interface KeySourceOptions {
  fromFile?: string[];
  fromLiteral?: string[];
  fromEnvFile?: string[];
}

/** Takes one key; throws when it is no valid key or there already. */
type Add = (key: string, value: Buffer) => void;

function pathProblem(error: unknown, path: string): CommandError {
  return new CommandError(`error reading ${path}: ${systemProblem(error)}`, { cause: error });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw pathProblem(error, path);
  }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw pathProblem(error, path);
  }
}

/** `KEY=PATH`, or `PATH` whose last part is the key. */
function parseFileSource(source: string): { key: string; path: string } {
  const [first = '', second, ...rest] = source.split('=');
  if (second === undefined) return { key: basename(source), path: source };
  if (rest.length > 0) throw new CommandError("key names or file paths cannot contain '='");
  if (first === '') throw new CommandError(`key name for file path ${second} missing`);
  if (second === '') throw new CommandError(`file path for key name ${first} missing`);
  return { key: first, path: second };
}

async function addFileSource(source: string, add: Add): Promise<void> {
  const { key, path } = parseFileSource(source);
  if (!(await isFolder(path))) return add(key, await read(path));
  if (source.includes('=')) throw new CommandError('cannot give a key name for a directory path');
  const entries = (await readdir(path, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) if (entry.isFile()) add(entry.name, await read(join(path, entry.name)));
}

function addLiteral(source: string, add: Add): void {
  const equals = source.indexOf('=');
  if (equals <= 0) throw new CommandError(`invalid literal source ${source}, expected key=value`);
  add(source.slice(0, equals), Buffer.from(source.slice(equals + 1)));
}

async function addEnvFile(path: string, kind: string, env: Readonly<Record<string, string | undefined>>, add: Add): Promise<void> {
  if (await isFolder(path)) throw new CommandError(`env ${kind} file cannot be a directory`);
  const text = (await read(path)).toString('utf8').replace(/^\uFEFF/, '');
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trimStart();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const equals = trimmed.indexOf('=');
    const key = equals < 0 ? trimmed : trimmed.slice(0, equals);
    const problems = isEnvVarName(key);
    if (problems.length > 0) throw new CommandError(`${JSON.stringify(key)} is not a valid key name: ${problems.join(';')}`);
    add(key, Buffer.from(equals < 0 ? (env[key] ?? '') : trimmed.slice(equals + 1)));
  }
}

export interface KeySubject {
  /** As messages call it: `ConfigMap`. */
  kind: string;
  /** As messages about env files call it: `config`. */
  envFile: string;
  /** What is said of a key that is there already. */
  taken: (key: string) => string;
  env: Readonly<Record<string, string | undefined>>;
}

/** Reads what `--from-file`, `--from-literal` and `--from-env-file` name. */
export async function readKeySources(options: KeySourceOptions, subject: KeySubject): Promise<Map<string, Buffer>> {
  const { fromFile = [], fromLiteral = [], fromEnvFile = [] } = options;
  if (fromEnvFile.length > 0 && fromFile.length + fromLiteral.length > 0) {
    throw new CommandError('from-env-file cannot be combined with from-file or from-literal');
  }
  const keys = new Map<string, Buffer>();
  const add: Add = (key, value) => {
    const problems = isConfigMapKey(key);
    if (problems.length > 0) throw new CommandError(`${JSON.stringify(key)} is not a valid key name for a ${subject.kind}: ${problems.join(',')}`);
    if (keys.has(key)) throw new CommandError(subject.taken(key));
    keys.set(key, value);
  };
  for (const source of fromFile) await addFileSource(source, add);
  for (const source of fromLiteral) addLiteral(source, add);
  for (const path of fromEnvFile) await addEnvFile(path, subject.envFile, subject.env, add);
  return keys;
}

export function keySourceFlags(command: Command): void {
  command
    .addOption(listOption('--from-file <[key=]path>', 'a file, whose name is the key unless one is given, or a folder of files'))
    .addOption(new Option('--from-literal <key=value>', 'a key and its value').argParser(collectEach))
    .addOption(listOption('--from-env-file <path>', 'a file of lines KEY=VALUE'))
    .option('--append-hash', 'put a hash of the content behind the name');
}
