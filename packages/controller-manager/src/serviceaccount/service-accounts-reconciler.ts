import { isAlreadyExists, isForbidden, isNotFound } from '@podling/shared/api';
import type { Namespace, ServiceAccount } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { ReconcileResult, Reconciler } from '@podling/shared/controller';
import type { Lister } from '@podling/shared/informer';

/** There in every namespace: pods that name no account run as this one. */
export const defaultAccount = 'default';

export interface ServiceAccountsReconcilerOptions {
  client: Client;
  namespaces: Lister<Namespace>;
  serviceAccounts: Lister<ServiceAccount>;
}

/** Makes the `default` account of every active namespace, again when it is deleted. Upstream twin: `serviceaccount-controller`. */
export class ServiceAccountsReconciler implements Reconciler {
  readonly name = 'serviceaccount';
  readonly #options: ServiceAccountsReconcilerOptions;

  constructor(options: ServiceAccountsReconcilerOptions) {
    this.#options = options;
  }

  /** The key is a namespace's name. */
  async reconcile(key: string): Promise<ReconcileResult> {
    const { client, namespaces, serviceAccounts } = this.#options;
    const namespace = namespaces.get(key);
    if (!namespace || namespace.metadata.deletionTimestamp || serviceAccounts.get(`${key}/${defaultAccount}`)) return {};
    await client.serviceAccounts(key).create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: defaultAccount, namespace: key } })
      .catch((error: unknown) => {
        if (!isAlreadyExists(error) && !isEnding(error)) throw error;
      });
    return {};
  }
}

/** The namespace goes, or has gone, since it was looked at. */
export function isEnding(error: unknown): boolean {
  return isNotFound(error) || isForbidden(error);
}
