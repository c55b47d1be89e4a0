import { isNotFound, namespaceOf, newNotFound } from '@podling/shared/api';
import type { KubeObject, Node, Pod } from '@podling/shared/api';
import { nodeMetricsKind, podMetricsKind } from '@podling/shared/scheme';
import type { KindInfo } from '@podling/shared/scheme';
import type { RegistryStore } from '../../registry/generic/registry-store.ts';
import type { InstalledResources } from '../../registry/installed-resources.ts';
import { nodeMetricsOf, podMetricsOf } from '../../resource-metrics/metrics-objects.ts';
import type { EndpointServices, Handlers } from '../endpoint.ts';
import { negotiate } from '../negotiate.ts';
import { contextOf } from '../request-context.ts';
import { predicateOf } from '../selection.ts';
import { objectShapes, writeResult } from './get.ts';
import { listShapes, writeListResult } from './list.ts';

type Stores = Pick<InstalledResources, 'pods' | 'nodes'>;

/** What is measured, and how: figures of those objects that have some, in their order. */
interface Measured<T extends KubeObject> {
  info: KindInfo;
  store: RegistryStore<T>;
  measure: (objects: readonly T[]) => Promise<KubeObject[]>;
}

/** Whatever is at hand: nobody waits for the newest labels of what is measured. */
const atHand = { resourceVersion: '0' };

/** Selectors know metadata alone. */
const metadataOnly = { selectableFields: () => ({}) };

function measuredNodes({ nodes }: Stores, { resourceMetrics, clock }: EndpointServices): Measured<Node> {
  return {
    info: nodeMetricsKind as unknown as KindInfo,
    store: nodes,
    async measure(wanted) {
      const points = await resourceMetrics.latest(wanted.map((node) => ({ node, pods: [] })));
      return wanted.flatMap((node) => {
        const usage = points.get(node.metadata.name)?.node();
        return usage ? [nodeMetricsOf(node, usage, clock.now())] : [];
      });
    },
  };
}

async function nodeUnlessGone(nodes: RegistryStore<Node>, name: string): Promise<Node | undefined> {
  try {
    return (await nodes.read('', name, atHand)).object;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function measuredPods({ pods, nodes }: Stores, { resourceMetrics, clock }: EndpointServices): Measured<Pod> {
  return {
    info: podMetricsKind as unknown as KindInfo,
    store: pods,
    async measure(wanted) {
      const byNode = Map.groupBy(wanted.filter(({ spec }) => spec.nodeName), ({ spec }) => spec.nodeName ?? '');
      const found = await Promise.all([...byNode].map(async ([name, own]) => ({ node: await nodeUnlessGone(nodes, name), pods: own })));
      const points = await resourceMetrics.latest(found.flatMap(({ node, pods: own }) => (node ? [{ node, pods: own }] : [])));
      return wanted.flatMap((pod) => {
        const usages = points.get(pod.spec.nodeName ?? '')?.pod(namespaceOf(pod), pod.metadata.name);
        return usages ? [podMetricsOf(pod, usages, clock.now())] : [];
      });
    },
  };
}

function handlersOf<T extends KubeObject>({ info, store, measure }: Measured<T>, services: EndpointServices): Handlers {
  const endpoint = { info, services };
  return {
    async get(request, response) {
      const { namespace, name } = contextOf(request).info;
      const negotiated = negotiate(request.headers.accept, objectShapes);
      const { object } = await store.read(namespace, name, atHand);
      const [metrics] = await measure([object]);
      if (metrics === undefined) throw newNotFound({ group: info.group, resource: info.kind.toLowerCase() }, namespace === '' ? name : `${namespace}/${name}`);
      await writeResult(endpoint, { request, response, code: 200, negotiated }, { kind: info.kind, apiVersion: `${info.group}/${info.version}`, ...metrics });
    },
    async list(request, response) {
      const { namespace, query } = contextOf(request).info;
      const negotiated = negotiate(request.headers.accept, listShapes);
      const { items } = await store.list(namespace, { ...atHand, predicate: predicateOf(metadataOnly, query) });
      await writeListResult(endpoint, { request, response, code: 200, negotiated }, { metadata: {}, items: await measure(items) });
    },
  };
}

/** Reading of `nodes` and `pods` of metrics.k8s.io. Nothing is stored, so nothing can be watched. */
export function metricsHandlers(stores: Stores, services: EndpointServices): { nodes: Handlers; pods: Handlers } {
  return { nodes: handlersOf(measuredNodes(stores, services), services), pods: handlersOf(measuredPods(stores, services), services) };
}
