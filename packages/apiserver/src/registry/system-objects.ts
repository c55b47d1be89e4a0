import { exponentialBackoff } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import { isAlreadyExists } from '@podling/shared/api';
import type { KubeObject, Namespace } from '@podling/shared/api';
import { apiVersionOf, systemPriorityClasses } from '@podling/shared/scheme';
import type { RegistryStore } from './generic/registry-store.ts';
import type { InstalledResources } from './installed-resources.ts';
import { ensureKubernetesService } from './service/kubernetes-service.ts';
import type { KubernetesService } from './service/kubernetes-service.ts';

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
  { namespaces, priorityClasses, services }: Pick<InstalledResources, 'namespaces' | 'priorityClasses' | 'services'>,
  { clock, logger, signal, kubernetes }: { clock: Clock; logger: Logger; signal: AbortSignal; kubernetes: KubernetesService },
): Promise<void> {
  const backoff = exponentialBackoff({ initialMs: 200, maxMs: 5000 });
  for (;;) {
    try {
      await ensure(namespaces, systemNamespaces);
      await ensure(priorityClasses, systemPriorityClasses);
      await ensureKubernetesService(services, kubernetes, { takesPorts: true });
      return;
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ err: error }, 'the system objects cannot be made yet');
      await clock.sleep(backoff.next(), signal);
    }
  }
}
