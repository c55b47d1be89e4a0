import { keyOf, namespaceOf } from '@podling/shared/api';
import type { EndpointSlice, Pod } from '@podling/shared/api';
import { createController } from '@podling/shared/controller';
import type { Controller } from '@podling/shared/controller';
import type { ServiceAccountsControllerParts } from '../serviceaccount/service-accounts-controller.ts';
import { controllerName, managedByLabel, serviceNameLabel } from './desired-slices.ts';
import { EndpointSliceReconciler, podsByNamespace, selects, slicesByService } from './endpointslice-reconciler.ts';

const servicesByNamespace = 'namespace';

/** Looks at a service when it, a pod that it selects or has selected, or one of its slices changes. */
export function createEndpointSliceController({ client, informers, clock, logger }: ServiceAccountsControllerParts): Controller {
  const [services, pods, slices] = [informers.services(), informers.pods(), informers.endpointSlices()];
  services.addIndex(servicesByNamespace, (service) => [namespaceOf(service)]);
  pods.addIndex(podsByNamespace, (pod) => [namespaceOf(pod)]);
  slices.addIndex(slicesByService, serviceKeys);
  const reconciler = new EndpointSliceReconciler({ client, services: services.lister, pods: pods.lister, slices: slices.lister });
  const controller = createController({ reconciler, workers: 4, clock, logger });
  const enqueue = (key: string): void => controller.enqueue(key);
  const enqueueSelecting = (...versions: Pod[]): void => {
    const [pod] = versions;
    if (!pod) return;
    const all = services.lister.byIndex(servicesByNamespace, namespaceOf(pod));
    all.filter((service) => versions.some((version) => selects(service, version))).map(keyOf).forEach(enqueue);
  };
  services.addEventHandler({
    onAdd: (service) => enqueue(keyOf(service)), onUpdate: (_old, service) => enqueue(keyOf(service)), onDelete: (service) => enqueue(keyOf(service)),
  });
  pods.addEventHandler({ onAdd: (pod) => enqueueSelecting(pod), onUpdate: (old, pod) => enqueueSelecting(old, pod), onDelete: (pod) => enqueueSelecting(pod) });
  slices.addEventHandler({
    onAdd: (slice) => serviceKeys(slice).forEach(enqueue),
    onUpdate: (old, slice) => [...serviceKeys(old), ...serviceKeys(slice)].forEach(enqueue),
    onDelete: (slice) => serviceKeys(slice).forEach(enqueue),
  });
  return controller;
}

function serviceKeys(slice: EndpointSlice): string[] {
  const { [serviceNameLabel]: name, [managedByLabel]: manager } = slice.metadata.labels ?? {};
  return name !== undefined && manager === controllerName ? [`${namespaceOf(slice)}/${name}`] : [];
}
