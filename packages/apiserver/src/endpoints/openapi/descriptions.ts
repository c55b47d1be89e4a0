/** What a model is (under `''`) and what its fields are, by the model's name. */
export type ModelDescriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The words of OpenAPI and `kubectl explain`; undefined for what has none. */
export interface Descriptions {
  ofModel(model: string): string | undefined;
  ofField(model: string, field: string): string | undefined;
}

/** Fields that say the same wherever they stand. */
const everywhere: Readonly<Record<string, string>> = {
  apiVersion: 'Group and version of the schema this object is written in, such as `v1` or `coordination.k8s.io/v1`.',
  kind: 'Name of the kind of object this is, in CamelCase. It cannot be changed.',
  metadata: 'What every object has: name, namespace, labels and the like.',
};

/** Every kind has a list, which needs no table of its own. */
function describeList(model: string): Readonly<Record<string, string>> {
  const kind = model.slice(model.lastIndexOf('.') + 1, -'List'.length);
  return {
    '': `A list of objects of the kind ${kind}.`,
    items: 'The objects, in the order of their namespaces and names.',
    metadata: 'The state of the store that the list shows, and the token for its next page.',
  };
}

export function describeWith(tables: readonly ModelDescriptions[]): Descriptions {
  const models = new Map(tables.flatMap((table) => Object.entries(table)));
  const find = (model: string): Readonly<Record<string, string>> => {
    const own = models.get(model);
    if (own) return own;
    return model.endsWith('List') && models.has(model.slice(0, -'List'.length)) ? describeList(model) : {};
  };
  return {
    ofModel: (model) => find(model)[''],
    ofField: (model, field) => find(model)[field] ?? everywhere[field],
  };
}
