import { isStaticPod, namespaceOf, type Pod, type Service } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import { createInformer, type SharedInformer } from '@podling/shared/informer';
import type { Clock, Logger } from '@podling/shared/util';

/** Until the first list has come nobody knows what a container should be told. */
export class ServicesNotReadError extends Error {
  override readonly name = 'ServicesNotReadError';
}

/** The services of the cluster, kept by list and watch. Upstream twin: the kubelet's `serviceLister`. */
export class ServiceLister {
  readonly #informer: SharedInformer<Service>;

  constructor({ client, clock, logger }: { client: Client; clock: Clock; logger: Logger }) {
    this.#informer = createInformer<Service>({ client: client.services(), name: 'services', clock, logger });
    this.#informer.addIndex('namespace', (service) => [namespaceOf(service)]);
  }

  /** Resolves with the first list; rejects when the signal aborts. */
  start(signal: AbortSignal): Promise<void> {
    this.#informer.start();
    return this.#informer.waitForSync(signal);
  }

  stop(): Promise<void> {
    return this.#informer.stop();
  }

  /**
   * The services that a pod's containers are told of: `default/kubernetes`, and those of its namespace unless it wants
   * none. Only such that have a cluster IP. Fails with `ServicesNotReadError`, but not for a static pod, which may be what
   * brings the apiserver up.
   */
  servicesFor(pod: Pod): Service[] {
    if (!this.#informer.hasSynced() && !isStaticPod(pod)) throw new ServicesNotReadError('services have not yet been read at least once, cannot construct envvars');
    const { lister } = this.#informer;
    const own = pod.spec.enableServiceLinks === false ? [] : lister.byIndex('namespace', namespaceOf(pod));
    const kubernetes = lister.get('default/kubernetes');
    const others = own.filter(({ metadata }) => metadata.name !== 'kubernetes');
    return [...(kubernetes ? [kubernetes] : []), ...others].filter(hasClusterIP);
  }
}

function hasClusterIP({ spec }: Service): boolean {
  return spec?.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None';
}
