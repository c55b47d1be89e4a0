import type { Namespace, ServiceAccount } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { ReconcileResult, Reconciler } from '@podling/shared/controller';
import type { Lister } from '@podling/shared/informer';
import { createIfAbsent } from '../create-if-absent.ts';

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
    const account: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: defaultAccount, namespace: key } };
    await createIfAbsent(client.serviceAccounts(key).create(account));
    return {};
  }
}
