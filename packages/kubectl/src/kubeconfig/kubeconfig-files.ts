import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parsePlainYaml } from '@podling/shared/client';
import { fileProblem } from '@podling/shared/file-problem';
import { CommandError } from '../errors.ts';
import { canonicalJson } from '../printers/object.ts';

export type Fields = Record<string, unknown>;

/** `clusters`, and within each entry the field that is called after it. */
export const ENTRY_KEYS = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;
export type EntryList = keyof typeof ENTRY_KEYS;

export interface Entry {
  name: string;
  fields: Fields;
  /** The file that defines it; relative paths start in its folder. */
  file: string;
}

/** A whole kubeconfig, as a document with sorted lists. */
export interface MergedKubeconfig {
  currentContext: string;
  clusters: Entry[];
  contexts: Entry[];
  users: Entry[];
}

interface KubeconfigFile {
  path: string;
  exists: boolean;
  document: Fields;
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

async function readDocument(path: string): Promise<KubeconfigFile> {
  try {
    const text = await readFile(path, 'utf8');
    const document: unknown = parsePlainYaml(text) ?? (await import('yaml')).parse(text) ?? {};
    if (!isFields(document)) throw new TypeError('it is not a mapping');
    return { path, exists: true, document };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { path, exists: false, document: {} };
    throw new CommandError(`error loading config file "${path}": ${fileProblem(error, path)}`, { cause: error });
  }
}

function entriesOf({ document, path }: KubeconfigFile, list: EntryList): { entry: Fields; name: string }[] {
  const items = document[list] ?? [];
  if (!Array.isArray(items)) throw new CommandError(`error loading config file "${path}": ${list} is not a list`);
  return items.filter(isFields).map((entry) => ({ entry, name: typeof entry['name'] === 'string' ? entry['name'] : '' }));
}

/**
 * The kubeconfig files of a command line, to be read and changed: `--kubeconfig`, else those of `$KUBECONFIG`, else
 * `~/.kube/config`. What is there is changed in the file that defines it; what is new goes to the first file that exists,
 * else to the last. Kubernetes concept: "Organizing Cluster Access Using kubeconfig Files".
 */
export class KubeconfigFiles {
  readonly #files: KubeconfigFile[];
  readonly #changed = new Set<KubeconfigFile>();

  private constructor(files: KubeconfigFile[]) {
    this.#files = files;
  }

  static async open(kubeconfig: string | undefined, env: Readonly<Record<string, string | undefined>>): Promise<KubeconfigFiles> {
    const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
    const byDefault = listed.length > 0 ? listed : [join(env['HOME'] ?? homedir(), '.kube', 'config')];
    const paths = kubeconfig === undefined ? byDefault : [kubeconfig];
    return new KubeconfigFiles(await Promise.all([...new Set(paths)].map((path) => readDocument(path))));
  }

  /** As messages name it: where something new would go. */
  get path(): string {
    return this.#target().path;
  }

  merged(): MergedKubeconfig {
    const all = (list: EntryList): Entry[] => {
      const found = new Map<string, Entry>();
      for (const file of this.#files) {
        for (const { entry, name } of entriesOf(file, list)) {
          const fields = entry[ENTRY_KEYS[list]];
          if (!found.has(name)) found.set(name, { name, fields: isFields(fields) ? fields : {}, file: file.path });
        }
      }
      return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    };
    const { currentContext } = this;
    return { currentContext, clusters: all('clusters'), contexts: all('contexts'), users: all('users') };
  }

  get currentContext(): string {
    const found = this.#files.map(({ document }) => document['current-context']).find((name) => typeof name === 'string' && name !== '');
    return typeof found === 'string' ? found : '';
  }

  set currentContext(name: string) {
    const file = this.#files.find(({ document }) => (document['current-context'] ?? '') !== '') ?? this.#target();
    this.#change(file, 'current-context', name);
  }

  find(list: EntryList, name: string): Entry | undefined {
    return this.merged()[list].find((entry) => entry.name === name);
  }

  /** Puts the entry in the place of the one of that name, or to the others. */
  put(list: EntryList, name: string, fields: Fields): void {
    const file = this.#fileOf(list, name) ?? this.#target();
    const others = entriesOf(file, list).filter((entry) => entry.name !== name);
    const entries = [...others.map(({ entry }) => entry), { name, [ENTRY_KEYS[list]]: fields }];
    this.#change(file, list, entries.toSorted((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1)));
  }

  /** False when there is none of that name. */
  delete(list: EntryList, name: string): boolean {
    const file = this.#fileOf(list, name);
    if (file === undefined) return false;
    this.#change(file, list, entriesOf(file, list).filter((entry) => entry.name !== name).map(({ entry }) => entry));
    return true;
  }

  /** Writes the changed files, each in one step, readable by their owner only. */
  async save(): Promise<void> {
    const { stringify } = await import('yaml');
    for (const { path, document } of this.#changed) {
      const whole = JSON.parse(canonicalJson({ apiVersion: 'v1', kind: 'Config', clusters: [], contexts: [], users: [], 'current-context': '', ...document })) as Fields;
      const temporary = `${path}.${process.pid}.tmp`;
      try {
        await mkdir(dirname(resolve(path)), { recursive: true });
        await writeFile(temporary, stringify(whole, { version: '1.1', lineWidth: 0, indentSeq: false }), { mode: 0o600 });
        await chmod(temporary, 0o600);
        await rename(temporary, path);
      } catch (error) {
        throw new CommandError(`cannot write the kubeconfig ${path}: ${fileProblem(error, path)}`, { cause: error });
      }
    }
    this.#changed.clear();
  }

  #change(file: KubeconfigFile, key: string, value: unknown): void {
    file.document[key] = value;
    this.#changed.add(file);
  }

  #fileOf(list: EntryList, name: string): KubeconfigFile | undefined {
    return this.#files.find((file) => entriesOf(file, list).some((entry) => entry.name === name));
  }

  #target(): KubeconfigFile {
    const file = this.#files.find(({ exists }) => exists) ?? this.#files.at(-1);
    if (file === undefined) throw new Error('no kubeconfig path');
    return file;
  }
}
