import type { ConfigMap, Namespace } from '@podling/shared/api';
import { namespaceOf } from '@podling/shared/api';
import { createController } from '@podling/shared/controller';
import type { Controller } from '@podling/shared/controller';
import type { ServiceAccountsControllerParts } from '../serviceaccount/service-accounts-controller.ts';
import { rootCaName, RootCaPublisherReconciler } from './root-ca-publisher-reconciler.ts';

/** Looks at a namespace when it comes or changes, and when somebody touches its copy. */
export function createRootCaPublisher({ client, informers, clock, logger, rootCa }: ServiceAccountsControllerParts & { rootCa: string }): Controller {
  const namespaces = informers.namespaces();
  const configMaps = informers.configMapsNamed(rootCaName);
  const reconciler = new RootCaPublisherReconciler({ client, namespaces: namespaces.lister, configMaps: configMaps.lister, rootCa });
  const controller = createController({ reconciler, workers: 2, clock, logger });
  const enqueue = ({ metadata: { name } }: Namespace): void => controller.enqueue(name);
  namespaces.addEventHandler({ onAdd: enqueue, onUpdate: (_old, namespace) => enqueue(namespace) });
  const touched = (configMap: ConfigMap): void => {
    if (configMap.metadata.name === rootCaName) controller.enqueue(namespaceOf(configMap));
  };
  configMaps.addEventHandler({ onUpdate: (_old, configMap) => touched(configMap), onDelete: touched });
  return controller;
}
