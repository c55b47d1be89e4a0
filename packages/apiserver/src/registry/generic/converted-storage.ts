import type { KubeObject } from '@podling/shared/api';
import { Change } from '../../storage/change.ts';
import type {
  Storage, StorageCreateOptions, StorageEvent, StorageList, StorageListOptions, StorageWatch, StorageWatchIterator, StorageWatchOptions,
} from '../../storage/storage.ts';
import { StoredObject } from '../../storage/stored-object.ts';

/** Two shapes of the same objects. Both functions are pure and lose nothing. */
export interface Conversion<Served extends KubeObject, Stored extends KubeObject> {
  toStored(object: Served): Stored;
  toServed(object: Stored): Served;
}

/**
 * A store whose objects are served in another shape than they are kept in: what goes in and comes out, selectors and
 * watches included, is of the served shape; keys and revisions are those of the store below, which also ends it.
 */
export class ConvertedStorage<Served extends KubeObject, Stored extends KubeObject> implements Storage {
  readonly #inner: Storage;
  readonly #conversion: Conversion<Served, Stored>;
  readonly #converted = new WeakMap<StoredObject, StoredObject>();

  constructor(inner: Storage, conversion: Conversion<Served, Stored>) {
    this.#inner = inner;
    this.#conversion = conversion;
  }

  async create<T extends KubeObject>(key: string, object: T, options?: StorageCreateOptions): Promise<T> {
    return this.#serve<T>(await this.#inner.create(key, this.#store(object), options));
  }

  async get<T extends KubeObject>(key: string, options?: { resourceVersion?: string }): Promise<StoredObject<T>> {
    return this.#convert<T>(await this.#inner.get(key, options));
  }

  async list<T extends KubeObject>(prefix: string, options: StorageListOptions<T> = {}): Promise<StorageList<T>> {
    const { predicate, ...rest } = options;
    const matches = predicate && ((object: KubeObject) => predicate(this.#serve<T>(object)));
    const list = await this.#inner.list<KubeObject>(prefix, { ...rest, ...(matches ? { predicate: matches } : {}) });
    return { ...list, stored: list.stored.map((stored) => this.#convert<T>(stored)) };
  }

  watch<T extends KubeObject>(prefix: string, options: StorageWatchOptions): StorageWatch<T> {
    const inner = this.#inner.watch<KubeObject>(prefix, options);
    return { [Symbol.asyncIterator]: () => this.#iterate<T>(inner[Symbol.asyncIterator]()) };
  }

  async guaranteedUpdate<T extends KubeObject>(key: string, update: (current: T) => T | Promise<T>, options?: { ttlSeconds?: number }): Promise<T> {
    const stored = await this.#inner.guaranteedUpdate<KubeObject>(key, async (current) => {
      const served = this.#serve<T>(current);
      const next = await update(served);
      return next === served ? current : this.#store(next);
    }, options);
    return this.#serve<T>(stored);
  }

  async delete<T extends KubeObject>(key: string, validate?: (current: T) => void): Promise<T> {
    return this.#serve<T>(await this.#inner.delete<KubeObject>(key, validate && ((current) => validate(this.#serve<T>(current)))));
  }

  currentRevision(): Promise<string> {
    return this.#inner.currentRevision();
  }

  tellsProgress(): Promise<boolean> {
    return this.#inner.tellsProgress();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #store(object: KubeObject): KubeObject {
    return this.#conversion.toStored(object as Served);
  }

  #serve<T extends KubeObject>(object: KubeObject): T {
    return this.#conversion.toServed(object as Stored) as KubeObject as T;
  }

  /** Once for all who read it. */
  #convert<T extends KubeObject>(stored: StoredObject): StoredObject<T> {
    const known = this.#converted.get(stored);
    if (known) return known as StoredObject<T>;
    const { kind, apiVersion, metadata, ...rest } = this.#serve<KubeObject>(stored.object);
    const { resourceVersion: _, ...others } = metadata;
    const json = Buffer.from(JSON.stringify({ kind, apiVersion, metadata: { resourceVersion: stored.revision, ...others }, ...rest }));
    const converted = new StoredObject<T>(stored.key, stored.revision, json);
    this.#converted.set(stored, converted as StoredObject);
    return converted;
  }

  #convertEvent<T extends KubeObject>(event: StorageEvent<KubeObject>): StorageEvent<T> {
    if (event.type === 'bookmark') return event;
    const { type, stored, before, revision, more } = event;
    return new Change<T>(type, this.#convert<T>(stored), { revision, more, before: before && this.#convert<T>(before) });
  }

  #iterate<T extends KubeObject>(inner: StorageWatchIterator<KubeObject>): StorageWatchIterator<T> {
    return {
      ready: async () => inner.ready?.(),
      next: async () => {
        const result = await inner.next();
        return result.done ? result : { done: false, value: this.#convertEvent<T>(result.value) };
      },
      take: () => {
        const event = inner.take?.();
        return event && this.#convertEvent<T>(event);
      },
      bookmark: () => inner.bookmark?.(),
      return: async () => (await inner.return?.(), { done: true, value: undefined }),
    };
  }
}
