import type { ConfigMap, Namespace } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { ReconcileResult, Reconciler } from '@podling/shared/controller';
import type { Lister } from '@podling/shared/informer';
import { createIfAbsent } from '../create-if-absent.ts';

/** Where the pods of a namespace find the CA of the apiserver's certificate. */
export const rootCaName = 'kube-root-ca.crt';
const fileName = 'ca.crt';
const description = {
  'kubernetes.io/description': 'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
};

export interface RootCaPublisherOptions {
  client: Client;
  namespaces: Lister<Namespace>;
  configMaps: Lister<ConfigMap>;
  /** PEM. */
  rootCa: string;
}

/** Publishes the cluster's CA in every namespace, and puts back what somebody changed. Upstream twin: `root-ca-cert-publisher`. */
export class RootCaPublisherReconciler implements Reconciler {
  readonly name = 'root-ca-publisher';
  readonly #options: RootCaPublisherOptions;

  constructor(options: RootCaPublisherOptions) {
    this.#options = options;
  }

  /** The key is a namespace's name. */
  async reconcile(key: string): Promise<ReconcileResult> {
    const { namespaces, configMaps } = this.#options;
    const namespace = namespaces.get(key);
    if (!namespace || namespace.metadata.deletionTimestamp) return {};
    const present = configMaps.get(`${key}/${rootCaName}`);
    if (!present) await this.#create(key);
    else if (!this.#isRight(present)) await this.#repair(key, present);
    return {};
  }

  #isRight({ data, binaryData, metadata: { annotations } }: ConfigMap): boolean {
    const isOurs = Object.entries(description).every(([annotation, value]) => annotations?.[annotation] === value);
    return isOurs && data?.[fileName] === this.#options.rootCa && Object.keys({ ...data, ...binaryData }).length === 1;
  }

  async #create(namespace: string): Promise<void> {
    const metadata = { name: rootCaName, namespace, annotations: description };
    const configMap: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [fileName]: this.#options.rootCa } };
    await createIfAbsent(this.#options.client.configMaps(namespace).create(configMap));
  }

  /** A lost race is a conflict: the queue brings the key again. */
  async #repair(namespace: string, { binaryData: _binaryData, ...present }: ConfigMap): Promise<void> {
    const metadata = { ...present.metadata, annotations: { ...present.metadata.annotations, ...description } };
    await this.#options.client.configMaps(namespace).update({ ...present, metadata, data: { [fileName]: this.#options.rootCa } });
  }
}
