import { newConflict } from '@podling/shared/api';
import type { Event, KubeObject, Namespace } from '@podling/shared/api';
import { RegistryStore } from '../generic/registry-store.ts';
import type { DeleteOutcome, WriteOptions } from '../generic/registry-store.ts';
import type { DeleteRequest } from '../rest/strategy.ts';

/**
 * Namespaces, with this rule for a delete: the namespace is marked Terminating, which ends creation in it. If nothing is
 * left in it, it goes in the same request, its events with it. Otherwise it stays Terminating; a delete after the last
 * object has gone finishes the work, and one before that is refused with 409 and what is left.
 */
export class NamespaceStore extends RegistryStore<Namespace> {
  readonly #contents: readonly RegistryStore<KubeObject>[];
  readonly #events: RegistryStore<Event>;

  constructor(options: ConstructorParameters<typeof RegistryStore<Namespace>>[0] & {
    contents: readonly RegistryStore<KubeObject>[];
    events: RegistryStore<Event>;
  }) {
    super(options);
    this.#contents = options.contents;
    this.#events = options.events;
  }

  override async delete(
    namespace: string,
    name: string,
    request: DeleteRequest = {},
    options: WriteOptions<Namespace> = {},
  ): Promise<DeleteOutcome<Namespace>> {
    const before = await this.get('', name);
    const marked = await super.delete(namespace, name, request, options);
    if (marked.removed || options.dryRun) return marked;
    const left = await this.#contentOf(name);
    if (left.length === 0) return this.#finish(marked.object);
    if (!before.metadata.deletionTimestamp) return marked;
    throw newConflict(this.strategy.kind, name, `the namespace is Terminating and still contains ${left.join(', ')}: delete these, then the namespace again`);
  }

  async #contentOf(name: string): Promise<string[]> {
    const lists = await Promise.all(this.#contents.map(async (store) => ({ store, list: await store.list(name, { limit: 1 }) })));
    return lists.filter(({ list }) => list.items.length > 0).map(({ store }) => store.strategy.kind.resource);
  }

  async #finish({ metadata: { name, uid } }: Namespace): Promise<DeleteOutcome<Namespace>> {
    const free = (current: Namespace): Namespace => ({ ...current, spec: { ...current.spec, finalizers: [] } });
    const freed = await this.storage.guaranteedUpdate<Namespace>(this.keyFor('', name), (current) => (current.metadata.uid === uid ? free(current) : current))
      .catch((error: unknown) => { throw this.failure(error, name); });
    const outcome = await super.delete('', name, { preconditions: { uid: uid ?? freed.metadata.uid ?? '' } });
    await this.#forgetEvents(name);
    return outcome;
  }

  async #forgetEvents(name: string): Promise<void> {
    const { items } = await this.#events.list(name);
    await Promise.all(items.map((event) => this.#events.delete(name, event.metadata.name).catch(() => undefined)));
  }
}
