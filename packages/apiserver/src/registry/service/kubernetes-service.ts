import { isAlreadyExists, isNotFound } from '@podling/shared/api';
import type { Service } from '@podling/shared/api';
import { serviceKind } from '@podling/shared/scheme';
import type { RegistryStore } from '../generic/registry-store.ts';

/** Where clients in the cluster find the apiserver: `default/kubernetes`. */
export interface KubernetesService {
  /** The first of the range. */
  clusterIP: string;
  /** Of the apiserver itself. */
  targetPort: number;
}

const namespace = 'default';
const name = 'kubernetes';

function serviceFor({ clusterIP, targetPort }: KubernetesService): Service {
  return serviceKind.applyDefaults({
    apiVersion: 'v1', kind: 'Service',
    metadata: { name, namespace, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { type: 'ClusterIP', clusterIP, ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort }] },
  });
}

/** Makes the service if it is missing. `takesPorts`: also gives a present one our port. */
export async function ensureKubernetesService(services: RegistryStore<Service>, wanted: KubernetesService, { takesPorts = false } = {}): Promise<void> {
  const present = await services.get(namespace, name).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!present) {
    await services.create(namespace, serviceFor(wanted)).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
    return;
  }
  const { ports = [] } = serviceFor(wanted).spec ?? {};
  if (!takesPorts || present.spec?.ports?.[0]?.targetPort === wanted.targetPort) return;
  await services.update(namespace, name, (current) => ({ ...current, spec: { ...current.spec, ports: ports.map((port) => ({ ...port })) } }));
}
