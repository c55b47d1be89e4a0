import { keyOf, namespaceOf, selectsLabels } from '@podling/shared/api';
import type { Pod, PodDisruptionBudget } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import { createController } from '@podling/shared/controller';
import type { Controller } from '@podling/shared/controller';
import type { EventRecorder } from '@podling/shared/events';
import type { InformerFactory } from '@podling/shared/informer';
import type { Clock, Logger } from '@podling/shared/util';
import { byNamespace, DisruptionReconciler } from './disruption-reconciler.ts';
import { ownerScales, type OwnerScales } from './owner-scales.ts';
import { StaleDisruptionReconciler, staleInMs } from './stale-disruption-reconciler.ts';

export interface DisruptionControllerParts {
  client: Client;
  informers: InformerFactory;
  recorder: EventRecorder;
  /** Default: asks the apiserver. */
  scales?: OwnerScales;
  clock: Clock;
  logger: Logger;
}

/** Looks at a budget when it or a pod that it selects or has selected changes. */
export function createDisruptionController(parts: DisruptionControllerParts): Controller {
  const { client, informers, recorder, clock, logger } = parts;
  const [budgets, pods] = [informers.podDisruptionBudgets(), informers.pods()];
  budgets.addIndex(byNamespace, (budget) => [namespaceOf(budget)]);
  pods.addIndex(byNamespace, (pod) => [namespaceOf(pod)]);
  const scales = parts.scales ?? ownerScales(client);
  const reconciler = new DisruptionReconciler({ client, budgets: budgets.lister, pods: pods.lister, scales, recorder, clock });
  const controller = createController({ reconciler, clock, logger });
  const enqueue = (budget: PodDisruptionBudget): void => controller.enqueue(keyOf(budget));
  const budgetsOf = (pod: Pod): PodDisruptionBudget[] =>
    budgets.lister.byIndex(byNamespace, namespaceOf(pod)).filter(({ spec }) => selectsLabels(spec?.selector, pod.metadata.labels));
  const warnOfSeveral = (pod: Pod): void => {
    const [first, second] = budgetsOf(pod);
    if (!first || !second) return;
    const text = `Pod ${JSON.stringify(namespaceOf(pod))}/${JSON.stringify(pod.metadata.name)} matches multiple PodDisruptionBudgets.  Chose ${JSON.stringify(first.metadata.name)} arbitrarily.`;
    recorder.event(pod, 'Warning', 'MultiplePodDisruptionBudgets', text);
  };
  budgets.addEventHandler({ onAdd: enqueue, onUpdate: (_old, budget) => enqueue(budget) });
  pods.addEventHandler({
    onAdd(pod) {
      warnOfSeveral(pod);
      budgetsOf(pod).forEach(enqueue);
    },
    onUpdate(old, pod) {
      warnOfSeveral(pod);
      [...budgetsOf(old), ...budgetsOf(pod)].forEach(enqueue);
    },
    onDelete: (pod) => budgetsOf(pod).forEach(enqueue),
  });
  return controller;
}

/** Looks at a pod that is said to be evicted. */
export function createStaleDisruptionController({ client, informers, clock, logger }: Omit<DisruptionControllerParts, 'recorder' | 'scales'>): Controller {
  const pods = informers.pods();
  const controller = createController({ reconciler: new StaleDisruptionReconciler({ client, pods: pods.lister, clock, logger }), clock, logger });
  const enqueue = (pod: Pod): void => {
    if (staleInMs(pod, clock.now()) !== undefined) controller.enqueue(keyOf(pod));
  };
  pods.addEventHandler({ onAdd: enqueue, onUpdate: (_old, pod) => enqueue(pod) });
  return controller;
}
