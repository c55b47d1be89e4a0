import type { Clock } from '@podling/shared/util';
import { isAlreadyExists, newBadRequest, newGenerateNameConflict, newNotFound } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import { StorageError, isStorageError } from '../../storage/errors.ts';
import { isKeySegment, objectKey, resourcePrefix } from '../../storage/keys.ts';
import type { Storage, StorageCreateOptions, StorageListOptions, StorageWatch, StorageWatchOptions } from '../../storage/storage.ts';
import type { StoredObject } from '../../storage/stored-object.ts';
import { requireActive } from '../namespace/require-active.ts';
import type { NamespaceLookup } from '../namespace/require-active.ts';
import { beforeCreate, generateName, settleNamespace } from '../rest/before-create.ts';
import { checkPreconditions, decideDelete, isFinished, markDeleted } from '../rest/before-delete.ts';
import { beforeUpdate } from '../rest/before-update.ts';
import type { DeleteRequest, Strategy } from '../rest/strategy.ts';
import { decodeContinue, newExpiredContinue, newExpiredList, objectList } from './list-request.ts';
import type { ObjectList } from './list-request.ts';
import { sameObject } from './same-object.ts';
import { toApiError } from './storage-failure.ts';

export interface ListRequest<T> {
  resourceVersion?: string | undefined;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
  limit?: number | undefined;
  continue?: string | undefined;
  predicate?: ((object: T) => boolean) | undefined;
}

export interface WriteOptions<T> {
  /** Goes through every check, writes nothing. */
  dryRun?: boolean | undefined;
  /** Validating admission: sees the object as it would be stored; throws to refuse. */
  validate?: ((object: T, old?: T) => void | Promise<void>) | undefined;
}

export interface DeleteOutcome<T> {
  /** The last state, or the state with its mark. */
  object: T;
  /** False while something still holds the object. */
  removed: boolean;
}

class DecisionChanged extends Error {}

/** A marked object that goes after all has no time left. */
function withoutGrace<T extends KubeObject>(object: T): T {
  const { metadata } = object;
  return metadata.deletionTimestamp ? { ...object, metadata: { ...metadata, deletionGracePeriodSeconds: 0 } } : object;
}

const maxGeneratedNames = 8;

function storageListOptions<T>(prefix: string, request: ListRequest<T>): StorageListOptions<T> {
  const { limit, predicate, resourceVersion } = request;
  const page = { ...(limit ? { limit } : {}), ...(predicate ? { predicate } : {}) };
  if (request.continue) {
    const { startKey, resourceVersion: ofPages } = decodeContinue(request.continue, prefix);
    return { ...page, continueKey: startKey, ...(ofPages === undefined ? {} : { resourceVersion: ofPages, resourceVersionMatch: 'Exact' as const }) };
  }
  // As Kubernetes has it: "any revision" knows no pages, and a page of a named revision is of exactly that one.
  if (resourceVersion === '0') return { resourceVersion, ...(predicate ? { predicate } : {}) };
  const resourceVersionMatch = request.resourceVersionMatch ?? (resourceVersion && limit ? 'Exact' : undefined);
  return { ...page, ...(resourceVersion ? { resourceVersion } : {}), ...(resourceVersionMatch ? { resourceVersionMatch } : {}) };
}

/**
 * The verbs of one resource over a store: strategy before, compare-and-swap in the middle, API errors after.
 *
 * - Every write is one `guaranteedUpdate`, `create` or `delete`; the strategy sees the very state that is replaced.
 * - Nothing but `ApiStatusError` leaves for a failure that a client can cause or should know of.
 * - An update never creates: a late write to a deleted object is 404, and to its namesake 409 by uid.
 *
 * Callers: endpoint handlers and the registries of subresources. Upstream twin: `genericregistry.Store`.
 */
export class RegistryStore<T extends KubeObject> {
  readonly strategy: Strategy<T>;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly #nameFrom: (base: string) => string;
  readonly #namespaces: NamespaceLookup | undefined;

  constructor(options: { strategy: Strategy<T>; storage: Storage; clock: Clock; nameFrom?: (base: string) => string; namespaces?: NamespaceLookup }) {
    this.strategy = options.strategy;
    this.storage = options.storage;
    this.clock = options.clock;
    this.#nameFrom = options.nameFrom ?? generateName;
    this.#namespaces = options.namespaces;
  }

  keyFor(namespace: string, name: string): string {
    if (!isKeySegment(name)) throw newNotFound(this.strategy.kind, name);
    return objectKey(this.strategy.kind.resource, this.#keyNamespace(namespace), name);
  }

  prefixFor(namespace: string): string {
    return resourcePrefix(this.strategy.kind.resource, this.#keyNamespace(namespace));
  }

  #keyNamespace(namespace: string): string {
    if (!this.strategy.kind.namespaced || namespace === '') return '';
    if (!isKeySegment(namespace)) throw newBadRequest(`namespace ${JSON.stringify(namespace)} is not valid`);
    return namespace;
  }

  /** A copy of the caller's own. */
  async get(namespace: string, name: string): Promise<T> {
    return (await this.read(namespace, name)).copy();
  }

  /** The object with its JSON, both shared. `resourceVersion`: at least as new as that; `'0'`: whatever is at hand. */
  read(namespace: string, name: string, options: { resourceVersion?: string } = {}): Promise<StoredObject<T>> {
    return this.#translated(name, () => this.storage.get<T>(this.keyFor(namespace, name), options));
  }

  /** Items in key order. The items are shared: do not modify them. */
  async list(namespace: string, request: ListRequest<T> = {}): Promise<ObjectList<T>> {
    const prefix = this.prefixFor(namespace);
    const options = storageListOptions(prefix, request);
    try {
      return objectList(prefix, await this.storage.list<T>(prefix, options));
    } catch (error) {
      if (isStorageError(error, 'Compacted')) throw request.continue ? newExpiredContinue(request.continue, prefix, error) : newExpiredList(error);
      throw toApiError(error, this.strategy.kind, '');
    }
  }

  /** The store's own events; failures surface in the iteration, {@link failure} translates them. */
  watch(namespace: string, options: StorageWatchOptions): StorageWatch<T> {
    return this.storage.watch<T>(this.prefixFor(namespace), options);
  }

  failure(error: unknown, name = ''): unknown {
    return toApiError(error, this.strategy.kind, name);
  }

  /** `object` is decoded, defaulted and the caller's own. A generated name that is taken already is made anew, a few times. */
  async create(namespace: string, object: T, options: WriteOptions<T> = {}): Promise<T> {
    if (object.metadata.name || !object.metadata.generateName) return this.#createOnce(namespace, object, options);
    for (let attempt = 1; ; attempt += 1) {
      const named = structuredClone(object);
      try {
        return await this.#createOnce(namespace, named, options);
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        if (attempt === maxGeneratedNames) throw newGenerateNameConflict(this.strategy.kind, named.metadata.name, { cause: error });
      }
    }
  }

  async #createOnce(namespace: string, object: T, options: WriteOptions<T>): Promise<T> {
    settleNamespace(this.strategy.kind, object, namespace);
    beforeCreate(this.strategy, object, this.clock.now(), this.#nameFrom);
    await options.validate?.(object);
    const { name } = object.metadata;
    const key = this.keyFor(namespace, name);
    if (options.dryRun) return this.#dryCreate(key, object);
    return this.#translated(name, () => this.#createAt(key, object));
  }

  /** In a namespace that is there and not going when the object is written, whatever was remembered of it before. */
  async #createAt(key: string, object: T): Promise<T> {
    for (let isStale = false; ; isStale = true) {
      const requires = await this.#homeOf(object, isStale);
      try {
        return await this.storage.create<T>(key, object, { ...this.#ttl(), ...(requires ? { requires } : {}) });
      } catch (error) {
        if (!isStorageError(error, 'RequirementFailed')) throw error;
      }
    }
  }

  async #homeOf({ metadata: { name, namespace } }: T, isStale: boolean): Promise<StorageCreateOptions['requires']> {
    if (!this.#namespaces || !namespace) return undefined;
    const home = await (isStale ? this.#namespaces.read(namespace) : this.#namespaces.get(namespace));
    requireActive(home, this.strategy.kind, name);
    return { key: objectKey('namespaces', '', namespace), resourceVersion: home.metadata.resourceVersion ?? '' };
  }

  async #dryCreate(key: string, object: T): Promise<T> {
    const present = await this.storage.get<T>(key).catch((error: unknown) => error);
    if (isStorageError(present, 'KeyNotFound')) return object;
    const { name } = object.metadata;
    throw toApiError(present instanceof Error ? present : new StorageError('KeyExists', 'key exists', { key }), this.strategy.kind, name);
  }

  /**
   * `next` gets the present object (shared) and returns the wanted one (a copy of its own). It runs again when another
   * write came in between, so a patch without a resourceVersion never conflicts.
   */
  async update(namespace: string, name: string, next: (current: T) => T | Promise<T>, options: WriteOptions<T> = {}): Promise<T> {
    const key = this.keyFor(namespace, name);
    const replace = async (current: T): Promise<T> => {
      const wanted = await next(current);
      beforeUpdate(this.strategy, wanted, current);
      await options.validate?.(wanted, current);
      return sameObject(wanted, current) ? current : wanted;
    };
    return this.#translated(name, async () => {
      if (options.dryRun) return replace((await this.storage.get<T>(key)).copy());
      const stored = await this.storage.guaranteedUpdate<T>(key, replace, this.#ttl());
      return isFinished(this.strategy, stored) ? this.#removeExactly(key, stored) : stored;
    });
  }

  async delete(namespace: string, name: string, request: DeleteRequest = {}, options: WriteOptions<T> = {}): Promise<DeleteOutcome<T>> {
    const key = this.keyFor(namespace, name);
    return this.#translated(name, async () => {
      for (;;) {
        try {
          return await this.#deleteOnce(key, request, options);
        } catch (error) {
          if (!(error instanceof DecisionChanged)) throw error;
        }
      }
    });
  }

  /** One decision, carried out only if the object is still as it was decided on. */
  async #deleteOnce(key: string, request: DeleteRequest, options: WriteOptions<T>): Promise<DeleteOutcome<T>> {
    const { object: current } = await this.storage.get<T>(key);
    checkPreconditions(this.strategy, current, request);
    await options.validate?.(current);
    const decision = decideDelete(this.strategy, current, request);
    if (decision === 'pending') return { object: current, removed: false };
    if (options.dryRun) return this.#dryDelete(current, decision, request);
    const stillSo = (now: T): void => {
      checkPreconditions(this.strategy, now, request);
      if (decideDelete(this.strategy, now, request) !== decision) throw new DecisionChanged();
    };
    if (decision === 'remove') return { object: withoutGrace(await this.storage.delete<T>(key, stillSo)), removed: true };
    const object = await this.storage.guaranteedUpdate<T>(key, (now) => {
      stillSo(now);
      return markDeleted(this.strategy, now, request, this.clock.now());
    });
    return { object, removed: false };
  }

  #dryDelete(current: T, decision: 'remove' | 'mark', request: DeleteRequest): DeleteOutcome<T> {
    if (decision === 'remove') return { object: current, removed: true };
    return { object: markDeleted(this.strategy, current, request, this.clock.now()), removed: false };
  }

  async #removeExactly(key: string, object: T): Promise<T> {
    try {
      return await this.storage.delete<T>(key, (now) => {
        if (!isFinished(this.strategy, now) || now.metadata.uid !== object.metadata.uid) throw new DecisionChanged();
      });
    } catch (error) {
      if (error instanceof DecisionChanged || isStorageError(error, 'KeyNotFound')) return object;
      throw error;
    }
  }

  #ttl(): { ttlSeconds?: number } {
    const { ttlSeconds } = this.strategy;
    return ttlSeconds === undefined ? {} : { ttlSeconds };
  }

  async #translated<R>(name: string, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      throw toApiError(error, this.strategy.kind, name);
    }
  }
}
