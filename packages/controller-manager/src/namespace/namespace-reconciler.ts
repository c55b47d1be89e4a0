import { formatTime, isNotFound } from '@podling/shared/api';
import type { Namespace } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { ReconcileResult, Reconciler } from '@podling/shared/controller';
import type { Clock, Logger } from '@podling/shared/util';
import { deleteContent } from './delete-content.ts';
import type { DeletionPass } from './delete-content.ts';
import { conditionsAfter } from './namespace-conditions.ts';
import type { NamespaceContent } from './namespace-content.ts';

/** In `spec.finalizers` of every namespace: ours to remove. */
const contentFinalizer = 'kubernetes';

export interface NamespaceReconcilerOptions {
  client: Client;
  content: NamespaceContent;
  clock: Clock;
  logger: Logger;
  /** From the first sight of the mark to the first look at the content: every apiserver refuses new content by then. */
  graceMs: number;
}

/**
 * Empties namespaces that are deleted, says in their conditions what is left, and lets them go when nothing is. The key is
 * the namespace's name. Each pass starts anew from what is there, so it may end anywhere.
 * Upstream twin: `namespace-controller`.
 */
export class NamespaceReconciler implements Reconciler {
  readonly name = 'namespace';
  readonly #options: NamespaceReconcilerOptions;
  /** By name, since when a mark is known. */
  readonly #seenSinceMs = new Map<string, number>();

  constructor(options: NamespaceReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const namespace = await this.#read(key);
    const { deletionTimestamp } = namespace?.metadata ?? {};
    if (!namespace || deletionTimestamp === undefined || !namespace.spec?.finalizers?.includes(contentFinalizer)) {
      this.#seenSinceMs.delete(key);
      return {};
    }
    const waitMs = this.#graceLeftMs(key);
    return waitMs > 0 ? { requeueAfterMs: waitMs } : this.#empty(namespace, deletionTimestamp);
  }

  async #read(name: string): Promise<Namespace | undefined> {
    try {
      return await this.#options.client.namespaces().get(name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #graceLeftMs(key: string): number {
    const { clock, graceMs } = this.#options;
    const sinceMs = this.#seenSinceMs.get(key) ?? clock.monotonic();
    this.#seenSinceMs.set(key, sinceMs);
    return sinceMs + graceMs - clock.monotonic();
  }

  async #empty(namespace: Namespace, deletionTimestamp: string): Promise<ReconcileResult> {
    const { clock, content, logger } = this.#options;
    const { name } = namespace.metadata;
    const pass = await deleteContent(content, name, (clock.now() - Date.parse(deletionTimestamp)) / 1000);
    const reported = await this.#report(namespace, pass);
    const failures = [...pass.discoveryFailures, ...pass.contentFailures];
    if (pass.estimateSeconds > 0) return { requeueAfterMs: (Math.floor(pass.estimateSeconds / 2) + 1) * 1000 };
    if (failures.length > 0) throw new Error(`namespace ${name} is not empty yet: ${failures.join('; ')}`);
    await this.#finalize(reported);
    this.#seenSinceMs.delete(name);
    logger.info({ namespace: name }, 'namespace emptied');
    return {};
  }

  async #report(namespace: Namespace, pass: DeletionPass): Promise<Namespace> {
    const { client, clock } = this.#options;
    const before = namespace.status?.conditions ?? [];
    const conditions = conditionsAfter(pass, before, formatTime(new Date(clock.now())));
    if (conditions === before) return namespace;
    return client.namespaces().updateStatus({ ...namespace, status: { ...namespace.status, conditions: [...conditions] } });
  }

  /** Another finalizer may still hold the namespace; its owner removes that. */
  async #finalize(namespace: Namespace): Promise<void> {
    const { rest } = this.#options.client;
    const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== contentFinalizer);
    const path = `${this.#options.client.namespaces().path}/${encodeURIComponent(namespace.metadata.name)}/finalize`;
    await rest.request({ method: 'PUT', path, body: { ...namespace, spec: { ...namespace.spec, finalizers } } });
  }
}
