/** A `Storage` for tests that passes everything on, counts its watches and breaks or delays them when told to. */
import type { KubeObject } from '@podling/shared/api';
import { Notifier } from '../notifier.ts';
import type { Storage, StorageCreateOptions, StorageEvent, StorageList, StorageListOptions, StorageWatchOptions } from '../storage.ts';
import type { StoredObject } from '../stored-object.ts';

export class FaultyStorage implements Storage {
  readonly #storage: Storage;
  readonly #tellsProgress: boolean;
  readonly #changed = new Notifier();
  #failures = 0;
  #failure: unknown;
  #held = false;
  /** Watches ever started, without those that only read the present. */
  followed = 0;
  /** Gets and lists ever asked for. */
  reads = 0;

  constructor(storage: Storage, { tellsProgress = true }: { tellsProgress?: boolean } = {}) {
    this.#storage = storage;
    this.#tellsProgress = tellsProgress;
  }

  /** Every running watch throws `error`. */
  breakWatches(error: unknown): void {
    this.#failure = error;
    this.#failures += 1;
    this.#changed.notify();
  }

  /** New watches wait until `releaseWatches`. */
  holdWatches(): void {
    this.#held = true;
  }

  releaseWatches(): void {
    this.#held = false;
    this.#changed.notify();
  }

  create<T extends KubeObject>(key: string, object: T, options?: StorageCreateOptions): Promise<T> {
    return this.#storage.create(key, object, options);
  }

  get<T extends KubeObject>(key: string, options?: { resourceVersion?: string }): Promise<StoredObject<T>> {
    this.reads += 1;
    return this.#storage.get(key, options);
  }

  list<T extends KubeObject>(prefix: string, options?: StorageListOptions<T>): Promise<StorageList<T>> {
    this.reads += 1;
    return this.#storage.list(prefix, options);
  }

  async *watch<T extends KubeObject>(prefix: string, options: StorageWatchOptions): AsyncGenerator<StorageEvent<T>, undefined> {
    const failures = this.#failures;
    while (this.#held && !options.signal.aborted) await this.#changed.wait(options.signal);
    const broken = new AbortController();
    const signal = AbortSignal.any([options.signal, broken.signal]);
    void this.#breakOnFailure(failures, broken, options.signal);
    let counted = false;
    for await (const event of this.#storage.watch<T>(prefix, { ...options, signal })) {
      if (this.#failures !== failures) throw this.#failure;
      yield event;
      if (!counted && event.type === 'bookmark') this.followed += 1;
      counted ||= event.type === 'bookmark';
    }
    if (this.#failures !== failures) throw this.#failure;
    return undefined;
  }

  guaranteedUpdate<T extends KubeObject>(key: string, update: (current: T) => T | Promise<T>, options?: { ttlSeconds?: number }): Promise<T> {
    return this.#storage.guaranteedUpdate(key, update, options);
  }

  delete<T extends KubeObject>(key: string, validate?: (current: T) => void): Promise<T> {
    return this.#storage.delete(key, validate);
  }

  currentRevision(): Promise<string> {
    return this.#storage.currentRevision();
  }

  tellsProgress(): Promise<boolean> {
    return this.#tellsProgress ? this.#storage.tellsProgress() : Promise.resolve(false);
  }

  close(): Promise<void> {
    return this.#storage.close();
  }

  async #breakOnFailure(failures: number, broken: AbortController, signal: AbortSignal): Promise<void> {
    while (this.#failures === failures && !signal.aborted) await this.#changed.wait(signal);
    broken.abort();
  }
}
