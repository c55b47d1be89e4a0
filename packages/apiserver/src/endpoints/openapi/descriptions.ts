/** What a model is (under `''`) and what its fields are, by the model's name. */
export type ModelDescriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The words of OpenAPI and `kubectl explain`. Throws nothing: what has no description has none. */
export interface Descriptions {
  ofModel(model: string): string | undefined;
  ofField(model: string, field: string): string | undefined;
}

/** Fields that say the same wherever they stand. */
const everywhere: Readonly<Record<string, string>> = {
  apiVersion: 'Group and version of the schema this object is written in, such as `v1` or `coordination.k8s.io/v1`.',
  kind: 'Name of the kind of object this is, in CamelCase. It cannot be changed.',
};

export function describeWith(tables: readonly ModelDescriptions[]): Descriptions {
  const models = new Map(tables.flatMap((table) => Object.entries(table)));
  return {
    ofModel: (model) => models.get(model)?.[''],
    ofField: (model, field) => models.get(model)?.[field] ?? everywhere[field],
  };
}
