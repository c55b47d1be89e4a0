import { asSchema, kinds, metricsKinds, modelsWithin, wireModels } from '@podling/shared/scheme';
import { definitionName } from '../../src/endpoints/openapi/definition-name.ts';
import { describeWith } from '../../src/endpoints/openapi/descriptions.ts';
import { listModel } from '../../src/endpoints/openapi/models.ts';
import { renderModel } from '../../src/endpoints/openapi/render-schema.ts';
import type { Definition } from './compare.ts';

/** Our definitions as OpenAPI v3 has them, by name: of all kinds, their lists, and what else goes over the wire. Metrics are published nowhere. */
export function ourDefinitions(): Map<string, Definition> {
  const silent = describeWith([]);
  const published = kinds.filter((kind) => !metricsKinds.includes(kind));
  const listed = published.filter((kind) => !kind.kind.endsWith('Review') && !['Binding', 'Eviction', 'TokenRequest'].includes(kind.kind));
  const roots = [...published.map(({ schema }) => asSchema(schema)), ...listed.map((kind) => listModel(kind).schema), ...wireModels.values()];
  return new Map([...modelsWithin(roots)].map(([name, schema]) => [definitionName(name), renderModel(schema, silent)]));
}
