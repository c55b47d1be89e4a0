import type { KindInfo, SchemaNode } from '@podling/shared/scheme';
import { apiVersionOf, asSchema, kindFor, modelsWithin, wireModels } from '@podling/shared/scheme';
import type { ServedResource } from '../endpoint.ts';
import { definitionName } from './definition-name.ts';
import type { Descriptions } from './descriptions.ts';
import { listModel } from './models.ts';
import { renderModel, scalarDefinitions } from './render-schema.ts';
import type { OpenApiSchema } from './render-schema.ts';

interface GroupVersion {
  group: string;
  version: string;
}

/** Answers and options that are kinds in the core group, and those that are kinds in every group. */
const coreKinds = ['APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions', 'Status'];
const everyGroupsKinds = ['DeleteOptions', 'WatchEvent'];

function kindsOf(served: readonly ServedResource[]): KindInfo[] {
  const places = served.flatMap(({ info, subresources }) => [info, ...subresources.map((part) => part.info)]);
  const found = places.map((place) => kindFor(apiVersionOf(place), place.kind));
  return [...new Set(found.filter((kind) => kind !== undefined))];
}

function gvk({ group, version }: GroupVersion, kind: string): OpenApiSchema {
  return { group, kind, version };
}

/** Every `$ref` within a document. */
function refsWithin(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') found.add(child.slice(child.lastIndexOf('/') + 1));
    else refsWithin(child, found);
  }
  return found;
}

/** The schemas that documents refer to by name. */
export class Components {
  readonly #schemas = new Map<string, SchemaNode>();
  readonly #kinds = new Map<string, OpenApiSchema[]>();
  readonly #scalars: Readonly<Record<string, OpenApiSchema>>;
  readonly #descriptions: Descriptions;

  constructor(served: readonly ServedResource[], descriptions: Descriptions) {
    this.#descriptions = descriptions;
    this.#scalars = scalarDefinitions(descriptions);
    const lists = served.filter(({ handlers }) => Object.hasOwn(handlers, 'list')).map(({ info }) => ({ ...listModel(info), info }));
    const kinds = kindsOf(served);
    const roots = [...kinds.map(({ schema }) => asSchema(schema)), ...lists.map(({ schema }) => schema), ...wireModels.values()];
    for (const [name, schema] of modelsWithin(roots)) this.#schemas.set(definitionName(name), schema);
    for (const info of kinds) this.#kinds.set(definitionName(asSchema(info.schema)['x-podling-model'] ?? ''), [gvk(info, info.kind)]);
    for (const { name, info } of lists) this.#kinds.set(definitionName(name), [gvk(info, `${info.kind}List`)]);
    this.#addWireKinds(served);
  }

  #addWireKinds(served: readonly ServedResource[]): void {
    const core = { group: '', version: 'v1' };
    const versions = new Map([core, ...served.map(({ info }) => info)].map((info) => [apiVersionOf(info), info]));
    const name = (kind: string): string => definitionName(wireModels.get(kind)?.['x-podling-model'] ?? '');
    for (const kind of coreKinds) this.#kinds.set(name(kind), [gvk(core, kind)]);
    for (const kind of everyGroupsKinds) this.#kinds.set(name(kind), [...versions.values()].map((info) => gvk(info, kind)));
  }

  #render(name: string, within: GroupVersion | undefined): OpenApiSchema {
    const scalar = this.#scalars[name];
    if (scalar) return scalar;
    const schema = this.#schemas.get(name);
    if (!schema) throw new Error(`OpenAPI refers to ${name}, which no served kind has`);
    const all = this.#kinds.get(name) ?? [];
    const kinds = within && all.length > 1 ? all.filter(({ group, version }) => group === '' || (group === within.group && version === within.version)) : all;
    return { ...renderModel(schema, this.#descriptions), ...(kinds.length > 0 ? { 'x-kubernetes-group-version-kind': kinds } : {}) };
  }

  /** All schemas that `paths` and `extra` lead to, by name, in the order of their names. `within` limits kinds to one group version. */
  reachedFrom(paths: unknown, { extra = [], within }: { extra?: readonly string[]; within?: GroupVersion } = {}): Record<string, OpenApiSchema> {
    const found: Record<string, OpenApiSchema> = {};
    const pending = [...refsWithin(paths), ...extra];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (Object.hasOwn(found, name)) continue;
      const schema = this.#render(name, within);
      found[name] = schema;
      pending.push(...refsWithin(schema));
    }
    return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}
