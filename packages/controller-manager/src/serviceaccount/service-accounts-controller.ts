import type { Namespace, ServiceAccount } from '@podling/shared/api';
import { namespaceOf } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import { createController } from '@podling/shared/controller';
import type { Controller } from '@podling/shared/controller';
import type { InformerFactory } from '@podling/shared/informer';
import type { Clock, Logger } from '@podling/shared/util';
import { defaultAccount, ServiceAccountsReconciler } from './service-accounts-reconciler.ts';

export interface ServiceAccountsControllerParts {
  client: Client;
  informers: InformerFactory;
  clock: Clock;
  logger: Logger;
}

/** Looks at a namespace when it comes or changes, and when its default account goes. */
export function createServiceAccountsController({ client, informers, clock, logger }: ServiceAccountsControllerParts): Controller {
  const namespaces = informers.namespaces();
  const serviceAccounts = informers.serviceAccounts();
  const reconciler = new ServiceAccountsReconciler({ client, namespaces: namespaces.lister, serviceAccounts: serviceAccounts.lister });
  const controller = createController({ reconciler, workers: 2, clock, logger });
  const enqueue = ({ metadata: { name } }: Namespace): void => controller.enqueue(name);
  namespaces.addEventHandler({ onAdd: enqueue, onUpdate: (_old, namespace) => enqueue(namespace) });
  serviceAccounts.addEventHandler({
    onDelete(account: ServiceAccount) {
      if (account.metadata.name === defaultAccount) controller.enqueue(namespaceOf(account));
    },
  });
  return controller;
}
