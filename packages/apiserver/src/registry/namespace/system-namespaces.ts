import { exponentialBackoff } from '@podling/shared/util';
import type { Clock, Logger } from '@podling/shared/util';
import { isAlreadyExists } from '@podling/shared/api';
import type { Namespace } from '@podling/shared/api';
import type { RegistryStore } from '../generic/registry-store.ts';

/** There from the start of every cluster. */
export const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const;

async function ensure(store: RegistryStore<Namespace>, name: string): Promise<void> {
  const namespace: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await store.create('', namespace).catch((error: unknown) => {
    if (!isAlreadyExists(error)) throw error;
  });
}

/** Makes the system namespaces; tries again until the store can be reached or `signal` aborts, then rejects. */
export async function ensureSystemNamespaces(
  store: RegistryStore<Namespace>,
  { clock, logger, signal }: { clock: Clock; logger: Logger; signal: AbortSignal },
): Promise<void> {
  const backoff = exponentialBackoff({ initialMs: 200, maxMs: 5000 });
  for (;;) {
    try {
      for (const name of systemNamespaces) await ensure(store, name);
      return;
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ err: error }, 'the system namespaces cannot be made yet');
      await clock.sleep(backoff.next(), signal);
    }
  }
}
