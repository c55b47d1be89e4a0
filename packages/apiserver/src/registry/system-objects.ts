import { exponentialBackoff } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import { isAlreadyExists, systemPriorityClasses } from '@podling/shared/api';
import type { KubeObject, Namespace } from '@podling/shared/api';
import { apiVersionOf } from '@podling/shared/scheme';
import type { RegistryStore } from './generic/registry-store.ts';
import type { InstalledResources } from './installed-resources.ts';

/** There from the start of every cluster. */
const systemNamespaces: readonly Namespace[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease'].map((name) => ({ metadata: { name } }));

/** Creates what is missing; an object that is there stays as it is. */
async function ensure<T extends KubeObject>(store: RegistryStore<T>, objects: readonly T[]): Promise<void> {
  const { kind } = store.strategy;
  for (const object of objects) {
    const complete = kind.applyDefaults({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...structuredClone(object) });
    await store.create(object.metadata.namespace ?? '', complete).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
  }
}

/** Makes what every cluster has; tries again until the store can be reached or `signal` aborts, then rejects. */
export async function ensureSystemObjects(
  { namespaces, priorityClasses }: Pick<InstalledResources, 'namespaces' | 'priorityClasses'>,
  { clock, logger, signal }: { clock: Clock; logger: Logger; signal: AbortSignal },
): Promise<void> {
  const backoff = exponentialBackoff({ initialMs: 200, maxMs: 5000 });
  for (;;) {
    try {
      await ensure(namespaces, systemNamespaces);
      await ensure(priorityClasses, systemPriorityClasses);
      return;
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ err: error }, 'the system objects cannot be made yet');
      await clock.sleep(backoff.next(), signal);
    }
  }
}
