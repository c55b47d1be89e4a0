import type { Namespace } from '@podling/shared/api';
import { namespaceOf } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import { createController } from '@podling/shared/controller';
import type { Controller } from '@podling/shared/controller';
import type { InformerFactory } from '@podling/shared/informer';
import type { Clock, Logger } from '@podling/shared/util';
import { DiscoveredNamespaceContent } from './namespace-content.ts';
import { NamespaceReconciler } from './namespace-reconciler.ts';

const defaultGraceMs = 5000;

export interface NamespaceControllerParts {
  client: Client;
  informers: InformerFactory;
  clock: Clock;
  logger: Logger;
  /** Default 5 s. See `NamespaceReconcilerOptions`. */
  graceMs?: number | undefined;
}

/** Looks at a namespace when it changes, and again when a pod in it has gone. */
export function createNamespaceController({ client, informers, clock, logger, graceMs = defaultGraceMs }: NamespaceControllerParts): Controller {
  const namespaces = informers.namespaces();
  const reconciler = new NamespaceReconciler({ client, content: new DiscoveredNamespaceContent(client), clock, logger, graceMs });
  const controller = createController({ reconciler, workers: 4, clock, logger });
  const enqueue = ({ metadata: { name, deletionTimestamp } }: Namespace): void => {
    if (deletionTimestamp !== undefined) controller.enqueue(name);
  };
  namespaces.addEventHandler({ onAdd: enqueue, onUpdate: (_old, namespace) => enqueue(namespace) });
  informers.pods().addEventHandler({
    onDelete(pod) {
      const namespace = namespaces.lister.get(namespaceOf(pod));
      if (namespace) enqueue(namespace);
    },
  });
  return controller;
}
