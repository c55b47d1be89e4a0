import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../read-if-there.ts';

const recordFile = 'record.json';

/**
 * Records in a folder each, read once and kept in memory: what containerd does not remember for us. A write is complete
 * or not there (temporary file, then rename), so that a kill at any moment leaves the old record or the new one.
 * Only the owner reads them: what pods are made of is nobody else's business.
 */
export class RecordStore<Value extends object> {
  readonly #folder: string;
  readonly #shared: boolean;
  readonly #records = new Map<string, Value>();

  /** `shared`: other processes write here too, so that each look is at the files. */
  constructor(folder: string, { shared = false }: { shared?: boolean } = {}) {
    this.#folder = folder;
    this.#shared = shared;
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    this.#loadAll();
  }

  /** The folder of a record, for files that live and go with it. */
  folder(key: string): string {
    return join(this.#folder, key);
  }

  get(key: string): Value | undefined {
    if (this.#shared) this.#load(key);
    return this.#records.get(key);
  }

  values(): Value[] {
    if (this.#shared) this.#loadAll();
    return [...this.#records.values()];
  }

  /** Folders without a record: left by a kill between making the folder and writing the record, or by a loss of power. */
  strays(): string[] {
    return readdirSync(this.#folder).filter((key) => !this.#records.has(key));
  }

  write(key: string, value: Value): void {
    const folder = this.folder(key);
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    const temporary = join(folder, `${recordFile}.new`);
    writeFileSync(temporary, JSON.stringify(value), { mode: 0o600 });
    renameSync(temporary, join(folder, recordFile));
    this.#records.set(key, value);
  }

  /** Removes the record and its folder. */
  remove(key: string): void {
    rmSync(this.folder(key), { recursive: true, force: true });
    this.#records.delete(key);
  }

  #loadAll(): void {
    this.#records.clear();
    for (const key of readdirSync(this.#folder)) this.#load(key);
  }

  #load(key: string): void {
    const text = readIfThere(join(this.folder(key), recordFile));
    const value = text === undefined ? undefined : parse(text);
    if (value === undefined) this.#records.delete(key);
    else this.#records.set(key, value as Value);
  }
}

/** A machine that lost its power may have left an empty file or half of one: it is as if it were not there. */
function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
