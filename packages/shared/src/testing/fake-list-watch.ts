import { newAlreadyExists, newConflict, newExpired, newNotFound } from '../api/errors.ts';
import { keyOf } from '../api/meta.ts';
import type { KubeList, KubeObject, Status } from '../api/index.ts';
import type { DeleteOptions, ListOptions, PatchType, ResourceClient, WatchEvent, WatchOptions, WatchStream } from '../client/client.ts';
import { AsyncQueue } from '../util/async-queue.ts';
import { mergePatch } from './merge-patch.ts';

type Change<T> = { revision: number; event: WatchEvent<T> & { object: T } };

type Selection = (object: KubeObject) => boolean;

/** Revisions are common to all resources of one fake server. */
export interface RevisionCounter {
  revision: number;
}

export interface FakeResource {
  apiVersion: string;
  kind: string;
  group: string;
  resource: string;
}

/**
 * One resource of a server in memory: list, watch with history, and writes with resourceVersions, uids, 404 and 409.
 * Tests break it on purpose. Of selectors only `metadata.name=` counts; a delete takes effect at once.
 */
export class FakeListWatch<T extends KubeObject> {
  readonly #resource: FakeResource;
  readonly #counter: RevisionCounter;
  readonly #objects = new Map<string, T>();
  readonly #history: Change<T>[] = [];
  readonly #watches = new Map<AsyncQueue<WatchEvent<T>>, Selection>();
  #compactedBefore = 0;
  #failures: unknown[] = [];
  #away: Error | undefined;
  #serial = 0;
  /** How many lists and watches were asked for. */
  readonly asked = { lists: 0, watches: 0 };

  constructor(resource: FakeResource, counter: RevisionCounter = { revision: 1 }) {
    this.#resource = resource;
    this.#counter = counter;
  }

  get openWatches(): number {
    return this.#watches.size;
  }

  objects(): T[] {
    return [...this.#objects.values()];
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  /** Writes as another client would: creates, or replaces whatever is there under the name. */
  put(object: T): T {
    const present = this.#objects.get(keyOf(object));
    const uid = object.metadata.uid ?? present?.metadata.uid ?? `${this.#resource.resource}-uid-${(this.#serial += 1)}`;
    if (present !== undefined && present.metadata.uid !== uid) this.remove(keyOf(object));
    return this.#publish(present?.metadata.uid === uid ? 'MODIFIED' : 'ADDED', { ...object, metadata: { ...object.metadata, uid } });
  }

  remove(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    this.#publish('DELETED', object);
  }

  /** Moves the server's revision and tells the watches. */
  bookmark(): void {
    this.#counter.revision += 1;
    const object = { apiVersion: this.#resource.apiVersion, kind: this.#resource.kind, metadata: { name: '', resourceVersion: this.#now() } } as T;
    for (const watch of this.#watches.keys()) watch.push({ type: 'BOOKMARK', object });
  }

  /** Every open watch ends: with the error, or in good order. */
  breakWatches(error?: Error): void {
    for (const watch of this.#watches.keys()) {
      if (error === undefined) watch.end();
      else watch.fail(error);
    }
    this.#watches.clear();
  }

  /** Open watches stay open but hear nothing any more, as behind a server that lags. */
  muteWatches(): void {
    this.#watches.clear();
  }

  /** Forgets the history: a watch from an older revision gets 410. */
  compact(): void {
    this.#compactedBefore = this.#counter.revision;
    this.#history.length = 0;
  }

  /** The next requests fail with this error. */
  failNext(error: unknown, times = 1): void {
    this.#failures.push(...Array.from({ length: times }, () => error));
  }

  /** All requests fail with the error, and open watches end with it, until `comeBack`. */
  goAway(error: Error): void {
    this.#away = error;
    this.breakWatches(error);
  }

  comeBack(): void {
    this.#away = undefined;
  }

  client(namespace?: string): ResourceClient<T> {
    const { resource } = this.#resource;
    const key = (name: string): string => (namespace === undefined ? name : `${namespace}/${name}`);
    const answer = async <R>(work: () => R): Promise<R> => {
      this.#failIfAsked();
      return work();
    };
    return {
      path: namespace === undefined ? `/${resource}` : `/namespaces/${namespace}/${resource}`,
      get: (name) => answer(() => this.#existing(key(name))),
      list: (options) => answer(() => this.#list(selects(namespace, options))),
      watch: (options) => this.#watch(selects(namespace, options), options),
      create: (object) => answer(() => this.#create(namespace, object)),
      update: (object) => answer(() => this.#update(object, (present) => ({ ...object, ...statusOf(present) }))),
      updateStatus: (object) => answer(() => this.#update(object, (present) => ({ ...present, ...statusOf(object) }))),
      patch: (name, patch) => answer(() => this.#patch(key(name), patch, false)),
      patchStatus: (name, patch, _type?: PatchType) => answer(() => this.#patch(key(name), patch, true)),
      delete: (name, options) => answer(() => this.#delete(key(name), options)),
    };
  }

  #failIfAsked(): void {
    if (this.#away) throw this.#away;
    if (this.#failures.length > 0) throw this.#failures.shift();
  }

  #now(): string {
    return String(this.#counter.revision);
  }

  #existing(key: string): T {
    const object = this.#objects.get(key);
    if (object === undefined) throw newNotFound(this.#resource, key.slice(key.indexOf('/') + 1));
    return object;
  }

  #list(isSelected: Selection): KubeList<T> {
    this.asked.lists += 1;
    const { apiVersion, kind } = this.#resource;
    const items = this.objects().filter(isSelected);
    return { apiVersion, kind: `${kind}List`, metadata: { resourceVersion: this.#now() }, items };
  }

  #watch(isSelected: Selection, { resourceVersion }: WatchOptions = {}): WatchStream<T> {
    this.asked.watches += 1;
    const queue = new AsyncQueue<WatchEvent<T>>();
    const from = Number(resourceVersion ?? this.#now());
    try {
      this.#failIfAsked();
      if (from < this.#compactedBefore) throw newExpired(`too old resource version: ${from} (${this.#compactedBefore})`);
      for (const { revision, event } of this.#history) if (revision > from && isSelected(event.object)) queue.push(event);
      this.#watches.set(queue, isSelected);
    } catch (error) {
      queue.fail(error);
    }
    return {
      close: () => {
        this.#watches.delete(queue);
        queue.discard();
      },
      [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator](),
    };
  }

  #create(namespace: string | undefined, object: T): T {
    const placed = namespace === undefined ? object : { ...object, metadata: { ...object.metadata, namespace } };
    if (this.#objects.has(keyOf(placed))) throw newAlreadyExists(this.#resource, object.metadata.name);
    return this.put(placed);
  }

  #update(object: T, change: (present: T) => T): T {
    const present = this.#existing(keyOf(object));
    this.#checkRevision(present, object.metadata.resourceVersion);
    const changed = change(present);
    return this.#publish('MODIFIED', { ...changed, metadata: { ...changed.metadata, uid: present.metadata.uid } } as T);
  }

  #patch(key: string, patch: unknown, toStatus: boolean): T {
    const present = this.#existing(key);
    this.#checkRevision(present, (patch as Partial<T>).metadata?.resourceVersion);
    const merged = mergePatch(present, patch) as T;
    return this.#publish('MODIFIED', toStatus ? { ...present, ...statusOf(merged) } : { ...merged, ...statusOf(present) });
  }

  #delete(key: string, { preconditions }: DeleteOptions = {}): Status {
    const present = this.#existing(key);
    const { uid } = preconditions ?? {};
    if (uid !== undefined && uid !== present.metadata.uid) throw newConflict(this.#resource, present.metadata.name, 'the UID does not match');
    this.remove(key);
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' };
  }

  #checkRevision(present: T, expected: string | undefined): void {
    if (expected === undefined || expected === present.metadata.resourceVersion) return;
    throw newConflict(this.#resource, present.metadata.name, 'the object has been modified; please apply your changes to the latest version and try again');
  }

  #publish(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): T {
    this.#counter.revision += 1;
    const stamped: T = { ...structuredClone(object), metadata: { ...object.metadata, resourceVersion: this.#now() } };
    if (type !== 'DELETED') this.#objects.set(keyOf(stamped), stamped);
    const event = { type, object: stamped };
    this.#history.push({ revision: this.#counter.revision, event });
    for (const [watch, isSelected] of this.#watches) if (isSelected(stamped)) watch.push(event);
    return stamped;
  }
}

function selects(namespace: string | undefined, { fieldSelector = '' }: ListOptions = {}): Selection {
  const name = /^metadata\.name=(.+)$/.exec(fieldSelector)?.[1];
  return ({ metadata }) => (namespace === undefined || metadata.namespace === namespace) && (name === undefined || metadata.name === name);
}

function statusOf(object: KubeObject): { status?: unknown } {
  return 'status' in object ? { status: object.status } : {};
}
