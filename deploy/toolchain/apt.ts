import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, CommandError, run } from '../exec.ts';
import { hasCommand } from './probe.ts';
import { suiteOptions } from './apt-suite.ts';
import { SourceUnavailableError } from './tool.ts';

const aptEnvironment = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
const isRoot = (): boolean => process.getuid?.() === 0;

/** The distribution's packages, through apt. */
export interface Packages {
  /** Version that the distribution (or a newer suite of it) offers; undefined when it has no such package. Raises SourceUnavailableError without apt. */
  candidate(name: string, suite?: string): Promise<string | undefined>;
  /** Downloads a package and unpacks it; nothing is installed and no service starts. Once per package and suite. Resolves to the folder with its files. */
  unpack(name: string, suite?: string): Promise<string>;
  /** Installs packages, when this is root. */
  install(names: string[]): Promise<void>;
}

interface Download {
  name: string;
  folder: string;
  offline: boolean;
  /** Words for apt that make it look elsewhere than at the machine's own sources. */
  options: string[];
}

interface AptOptions {
  /** Where packages are unpacked. */
  folder: string;
  offline: boolean;
}

/** Opens apt. apt works on one thing at a time, so calls queue up. */
export function aptPackages({ folder, offline }: AptOptions): Packages {
  const unpacked = new Map<string, Promise<string>>();
  let last: Promise<unknown> = Promise.resolve();
  const queued = <T>(action: () => Promise<T>): Promise<T> => {
    const next = last.then(action, action);
    last = next.catch(() => undefined);
    return next;
  };
  const refresh = onceOnly(updateLists);
  const suites = new Map<string, Promise<string[]>>();
  const optionsFor = async (suite?: string): Promise<string[]> => {
    if (suite === undefined) return [];
    if (offline) throw new SourceUnavailableError(`suite ${suite}: offline`);
    const known = suites.get(suite) ?? suiteOptions(suite, join(folder, 'suites', suite)).catch(unavailable(`suite ${suite} cannot be read`));
    suites.set(suite, known);
    return known;
  };
  return {
    candidate: (name, suite) =>
      queued(async () => {
        if (!hasCommand('apt-get')) throw new SourceUnavailableError(`there is no apt to get package ${name}`);
        if (!offline) await refresh();
        return candidateVersion(name, await optionsFor(suite));
      }),
    unpack: (name, suite) => {
      const root = suite === undefined ? folder : join(folder, 'suites', suite, 'root');
      const key = join(root, name);
      const known = unpacked.get(key) ?? queued(async () => downloadAndUnpack({ name, folder: root, offline, options: await optionsFor(suite) }));
      unpacked.set(key, known);
      return known;
    },
    install: (names) => queued(() => install(names, offline, refresh)),
  };
}

async function candidateVersion(name: string, options: string[]): Promise<string | undefined> {
  const policy = await ask('apt-cache', [...options, 'policy', name], { env: aptEnvironment });
  const [, version] = /Candidate: (\S+)/.exec(policy ?? '') ?? [];
  return version === '(none)' ? undefined : version;
}

/** A fresh machine or container has no package lists yet. */
async function updateLists(): Promise<void> {
  const known = await ask('apt-cache', ['policy', 'busybox-static'], { env: aptEnvironment });
  if (known?.includes('Candidate:') && !known.includes('Candidate: (none)')) return;
  if (!isRoot()) return;
  await run('apt-get', ['update', '-q'], { env: aptEnvironment }).catch(unavailable('apt-get update failed'));
}

async function downloadAndUnpack({ name, folder, offline, options }: Download): Promise<string> {
  if (offline) throw new SourceUnavailableError(`package ${name}: offline`);
  await mkdir(folder, { recursive: true });
  const temporary = await mkdtemp(join(folder, '.download-'));
  try {
    await run('apt-get', [...options, 'download', '-q', name], { cwd: temporary, env: aptEnvironment }).catch(unavailable(`package ${name} cannot be downloaded`));
    const file = (await readdir(temporary)).find((entry) => entry.endsWith('.deb'));
    if (file === undefined) throw new SourceUnavailableError(`package ${name}: apt-get brought no file`);
    await run('dpkg', ['-x', join(temporary, file), folder]);
    return folder;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function install(names: string[], offline: boolean, refresh: () => Promise<void>): Promise<void> {
  const list = names.join(' ');
  if (!hasCommand('apt-get')) throw new SourceUnavailableError(`install ${list} with your package manager`);
  if (offline) throw new SourceUnavailableError(`offline; install ${list}`);
  if (!isRoot()) throw new SourceUnavailableError(`not root: run "sudo apt-get install ${list}"`);
  await refresh();
  await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names], { env: aptEnvironment }).catch(
    unavailable(`"apt-get install ${list}" failed`),
  );
}

function unavailable(what: string): (cause: unknown) => never {
  return (cause) => {
    const [firstLine = ''] = cause instanceof CommandError ? cause.message.split('\n').filter((line) => /E:|Err/.test(line)) : [String(cause)];
    throw new SourceUnavailableError([what, firstLine].filter(Boolean).join(': '), { cause });
  };
}

function onceOnly(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= action());
}
