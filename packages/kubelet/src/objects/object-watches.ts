import type { ConfigMap, Secret } from '@podling/shared/api';
import type { Client, ResourceClient } from '@podling/shared/client';
import { createInformer, type SharedInformer } from '@podling/shared/informer';
import type { Clock, Logger, Timer } from '@podling/shared/util';

export interface ObjectReference {
  kind: 'configmap' | 'secret';
  namespace: string;
  name: string;
}

export type ReferredObject = ConfigMap | Secret;

interface Watched {
  informer: SharedInformer<ReferredObject>;
  /** Who is told of a change, by UID of the pod. */
  listeners: Map<string, () => void>;
  ended: boolean;
  /** Runs out when nobody needs it any more. */
  lingering?: Timer | undefined;
}

/** The next pod often needs what the last one had. */
const lingerMs = 60_000;

/**
 * The objects that pods' volumes are made of, each kept by one list and one watch of its name, however many pods share
 * it. A watch ends a minute after its last pod, or once the object says that it is immutable. While the apiserver is away the
 * objects stay as they were last seen.
 * The watches carry no pings of their own: the kubelet's other watches find a dead link for the whole client.
 * Upstream twin: kubelet `watchBasedManager`.
 */
export class ObjectWatches {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #watched = new Map<string, Watched>();
  #stopped = false;

  constructor({ client, clock, logger }: { client: Client; clock: Clock; logger: Logger }) {
    this.#client = client;
    this.#clock = clock;
    // One line for each object of each pod would say no more than those of the kubelet's other watches.
    this.#logger = logger.child({}, { level: 'error' });
  }

  /** How many objects are kept. */
  get size(): number {
    return this.#watched.size;
  }

  /** What a pod needs from now on; `onChange` runs when one of them was first seen, has changed, or is gone. */
  setReferences(uid: string, references: readonly ObjectReference[], onChange: () => void): void {
    const wanted = new Set(references.map(keyOf));
    for (const key of this.#watched.keys()) if (!wanted.has(key)) this.#release(key, uid);
    if (this.#stopped) return;
    for (const reference of references) this.#keep(this.#watch(reference)).listeners.set(uid, onChange);
  }

  forgetPod(uid: string): void {
    for (const key of this.#watched.keys()) this.#release(key, uid);
  }

  /** Whether it is known how the object is, or that there is none. */
  isKnown(reference: ObjectReference): boolean {
    return this.#watched.get(keyOf(reference))?.informer.hasSynced() ?? false;
  }

  /** Undefined: there is none, as far as is known. */
  get(reference: ObjectReference): ReferredObject | undefined {
    return this.#watched.get(keyOf(reference))?.informer.lister.get(`${reference.namespace}/${reference.name}`);
  }

  /** As `get`, of an object that is watched at this time. */
  live(reference: ObjectReference): ReferredObject | undefined {
    return this.#watched.get(keyOf(reference))?.ended === false ? this.get(reference) : undefined;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const all = [...this.#watched.values()].map((watched) => this.#keep(watched));
    this.#watched.clear();
    await Promise.all(all.map(({ informer }) => informer.stop()));
  }

  #watch(reference: ObjectReference): Watched {
    const key = keyOf(reference);
    const present = this.#watched.get(key);
    if (present) return present;
    const watched: Watched = { informer: this.#informer(reference), listeners: new Map(), ended: false };
    this.#watched.set(key, watched);
    const changed = (object: ReferredObject): void => {
      if (object.immutable) this.#end(watched);
      for (const notify of watched.listeners.values()) notify();
    };
    watched.informer.addEventHandler({ onAdd: changed, onUpdate: (_, object) => changed(object), onDelete: changed });
    watched.informer.start();
    return watched;
  }

  #informer({ kind, namespace, name }: ObjectReference): SharedInformer<ReferredObject> {
    const client = kind === 'configmap' ? this.#client.configMaps(namespace) : this.#client.secrets(namespace);
    const { path, list, watch } = bound(client as ResourceClient<ReferredObject>);
    const listOptions = { fieldSelector: `metadata.name=${name}` };
    return createInformer<ReferredObject>({ client: { path, list, watch }, listOptions, name: `${path}/${name}`, clock: this.#clock, logger: this.#logger });
  }

  #release(key: string, uid: string): void {
    const watched = this.#watched.get(key);
    if (watched === undefined || !watched.listeners.delete(uid) || watched.listeners.size > 0) return;
    if (watched.ended) this.#watched.delete(key);
    else watched.lingering = this.#clock.setTimeout(() => this.#drop(key, watched), lingerMs);
  }

  #drop(key: string, watched: Watched): void {
    this.#watched.delete(key);
    this.#end(watched);
  }

  #keep(watched: Watched): Watched {
    watched.lingering?.cancel();
    watched.lingering = undefined;
    return watched;
  }

  #end(watched: Watched): void {
    if (watched.ended) return;
    watched.ended = true;
    void watched.informer.stop();
  }
}

function bound(client: ResourceClient<ReferredObject>): Pick<ResourceClient<ReferredObject>, 'path' | 'list' | 'watch'> {
  return {
    path: client.path,
    list: (options, signal) => client.list(options, signal),
    watch: (options) => client.watch(options, 'chunked'),
  };
}

function keyOf({ kind, namespace, name }: ObjectReference): string {
  return `${kind}/${namespace}/${name}`;
}
