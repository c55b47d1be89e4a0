import type { EndpointSlice } from '@podling/shared/api';
import { endpointSliceKind } from '@podling/shared/scheme';
import { sameSpec } from '../generic/same-object.ts';
import { plainStrategy } from '../rest/plain-strategy.ts';

const nodeLabel = 'kubernetes.io/hostname';

export const endpointSliceStrategy = plainStrategy(endpointSliceKind, {
  prepareForCreate(slice) {
    slice.metadata.generation = 1;
    dropTopology(slice, new Set());
  },
  prepareForUpdate(slice, old) {
    const isSame = sameSpec(contentOf(slice), contentOf(old));
    if (!isSame) slice.metadata.generation = (old.metadata.generation ?? 0) + 1;
    if (!sameSpec(slice.endpoints, old.endpoints)) dropTopology(slice, nodesIn(old));
  },
});

const contentOf = ({ metadata: { labels = {} }, ...content }: EndpointSlice): unknown => ({ ...content, labels });
const nodesIn = ({ endpoints }: EndpointSlice): Set<string> => new Set(endpoints.flatMap(({ deprecatedTopology }) => deprecatedTopology?.[nodeLabel] ?? []));

/** The old field cannot be written any more; what it said of the node is kept in the new one. */
function dropTopology({ endpoints }: EndpointSlice, knownNodes: ReadonlySet<string>): void {
  for (const endpoint of endpoints) {
    const node = endpoint.deprecatedTopology?.[nodeLabel];
    if (endpoint.nodeName === undefined && node !== undefined && knownNodes.has(node)) endpoint.nodeName = node;
    delete endpoint.deprecatedTopology;
  }
}
