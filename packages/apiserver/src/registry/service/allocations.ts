import { formatTime } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import { isStorageError } from '../../storage/errors.ts';
import { objectKey, resourcePrefix } from '../../storage/keys.ts';
import type { Storage } from '../../storage/storage.ts';

/** Who holds an address or a port. */
export interface Owner {
  namespace: string;
  name: string;
}

/** One key in the store: that it is there says that the name is taken. */
export interface Allocation extends KubeObject {
  spec: { owner: Owner };
}

const isOwner = (a: Owner, b: Owner): boolean => a.namespace === b.namespace && a.name === b.name;

class ForeignAllocation extends Error {}

/**
 * What services hold of one kind, such as addresses: a key each, created by whoever comes first, so that no two services
 * get the same whatever apiserver they ask. Nothing is kept in memory.
 */
export class Allocations {
  readonly #storage: Storage;
  readonly #resource: string;
  readonly #clock: Clock;

  constructor(resource: string, { storage, clock }: { storage: Storage; clock: Clock }) {
    this.#storage = storage;
    this.#resource = resource;
    this.#clock = clock;
  }

  /** Whether the name is the owner's now, for the first time or again. */
  async claim(name: string, owner: Owner): Promise<boolean> {
    const allocation: Allocation = {
      kind: 'Allocation', apiVersion: 'internal.podling/v1', metadata: { name, creationTimestamp: formatTime(new Date(this.#clock.now())) }, spec: { owner },
    };
    try {
      await this.#storage.create<Allocation>(this.#key(name), allocation);
      return true;
    } catch (error) {
      if (isStorageError(error, 'KeyExists')) return false;
      throw error;
    }
  }

  async isTaken(name: string): Promise<boolean> {
    return (await this.find(name)) !== undefined;
  }

  async find(name: string): Promise<Allocation | undefined> {
    try {
      return (await this.#storage.get<Allocation>(this.#key(name))).object;
    } catch (error) {
      if (isStorageError(error, 'KeyNotFound')) return undefined;
      throw error;
    }
  }

  /** What is another's stays. */
  async release(name: string, owner: Owner): Promise<void> {
    try {
      await this.#storage.delete<Allocation>(this.#key(name), ({ spec }) => {
        if (!isOwner(spec.owner, owner)) throw new ForeignAllocation();
      });
    } catch (error) {
      if (!(error instanceof ForeignAllocation) && !isStorageError(error, 'KeyNotFound')) throw error;
    }
  }

  async list(): Promise<Allocation[]> {
    const { stored } = await this.#storage.list<Allocation>(resourcePrefix(this.#resource));
    return stored.map(({ object }) => object);
  }

  #key(name: string): string {
    return objectKey(this.#resource, undefined, name);
  }
}
