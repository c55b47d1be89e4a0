/** A JSON schema, ours or theirs, as far as it is compared. */
export interface Definition {
  type?: string | string[];
  format?: string;
  $ref?: string;
  allOf?: Definition[];
  oneOf?: unknown[];
  required?: string[];
  properties?: Record<string, Definition>;
  items?: Definition;
  additionalProperties?: Definition | boolean;
  [keyword: `x-kubernetes-${string}`]: unknown;
}

const keywords = [
  'x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-map-type', 'x-kubernetes-patch-merge-key', 'x-kubernetes-patch-strategy',
  'x-kubernetes-unions',
] as const;

/** `core.v1.Pod.spec required: ours no, theirs yes`. */
function difference(at: string, what: string, ours: unknown, theirs: unknown): string[] {
  const [a, b] = [ours, theirs].map((value) => JSON.stringify(value) ?? 'none');
  return a === b ? [] : [`${at} ${what}: ours ${a}, theirs ${b}`];
}

/** What a field holds, in one word: a definition's name or a type. Published types have null beside each. */
function holds({ type, $ref, allOf, oneOf }: Definition): string {
  const ref = $ref ?? allOf?.[0]?.$ref;
  if (ref !== undefined) return ref.slice(ref.lastIndexOf('/') + 1);
  if (oneOf) return 'one of several';
  return [type ?? []].flat().filter((name) => name !== 'null').join(' or ');
}

function compareField(at: string, ours: Definition, theirs: Definition): string[] {
  const inside = (['items', 'additionalProperties'] as const).flatMap((part) => {
    const [a, b] = [ours[part], theirs[part]];
    return typeof a === 'object' && typeof b === 'object' ? compareField(`${at}[]`, a, b) : difference(at, part, a !== undefined, b !== undefined);
  });
  return [
    ...difference(at, 'type', holds(ours), holds(theirs)),
    ...(theirs.format === undefined ? [] : difference(at, 'format', ours.format, theirs.format)),
    ...keywords.flatMap((keyword) => difference(at, keyword, ours[keyword], theirs[keyword])),
    ...inside,
  ];
}

function compareModel(at: string, ours: Definition, theirs: Definition): string[] {
  const [mine, yours] = [ours.properties ?? {}, theirs.properties ?? {}];
  const fields = [...new Set([...Object.keys(mine), ...Object.keys(yours)])].toSorted();
  const required = (definition: Definition, field: string): boolean => (definition.required ?? []).includes(field);
  return [
    ...(['x-kubernetes-map-type', 'x-kubernetes-unions'] as const).flatMap((keyword) => difference(at, keyword, ours[keyword], theirs[keyword])),
    ...fields.flatMap((field) => {
      const [a, b] = [mine[field], yours[field]];
      const where = `${at}.${field}`;
      if (!a || !b) return [`${where}: ${a ? 'not in theirs' : 'not in ours'}`];
      return [...difference(where, 'required', required(ours, field), required(theirs, field)), ...compareField(where, a, b)];
    }),
  ];
}

/** Every difference between our definitions and the published ones of the same names, one line each. */
export function compareDefinitions(ours: ReadonlyMap<string, Definition>, theirs: ReadonlyMap<string, Definition>): string[] {
  return [...ours].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([name, definition]) => {
    const published = theirs.get(name);
    return published ? compareModel(name, definition, published) : [`${name}: not in theirs`];
  });
}
