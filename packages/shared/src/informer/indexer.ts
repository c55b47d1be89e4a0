import type { Lister } from './shared-informer.ts';

type IndexFunction<T> = (object: T) => string[];

/** The objects of one resource by key, and by any index. Upstream twin: client-go `cache.Indexer`. */
export class Indexer<T> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, { valuesOf: IndexFunction<T>; keys: Map<string, Set<string>> }>();

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  entries(): IterableIterator<[string, T]> {
    return this.#objects.entries();
  }

  /** Throws for an index that was never added. */
  byIndex(indexName: string, value: string): T[] {
    const index = this.#indexes.get(indexName);
    if (index === undefined) throw new Error(`no index named ${indexName}`);
    return [...(index.keys.get(value) ?? [])].map((key) => this.#objects.get(key) as T);
  }

  addIndex(indexName: string, valuesOf: IndexFunction<T>): void {
    const keys = new Map<string, Set<string>>();
    this.#indexes.set(indexName, { valuesOf, keys });
    for (const [key, object] of this.#objects) link(keys, valuesOf(object), key);
  }

  set(key: string, object: T): void {
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const { valuesOf, keys } of this.#indexes.values()) {
      if (old !== undefined) unlink(keys, valuesOf(old), key);
      link(keys, valuesOf(object), key);
    }
  }

  delete(key: string): void {
    const old = this.#objects.get(key);
    if (old === undefined) return;
    this.#objects.delete(key);
    for (const { valuesOf, keys } of this.#indexes.values()) unlink(keys, valuesOf(old), key);
  }
}

function link(keys: Map<string, Set<string>>, values: string[], key: string): void {
  for (const value of values) {
    const linked = keys.get(value);
    if (linked === undefined) keys.set(value, new Set([key]));
    else linked.add(key);
  }
}

function unlink(keys: Map<string, Set<string>>, values: string[], key: string): void {
  for (const value of values) {
    const linked = keys.get(value);
    linked?.delete(key);
    if (linked?.size === 0) keys.delete(value);
  }
}
