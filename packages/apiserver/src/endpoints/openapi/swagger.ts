import { versionInfo } from '../version.ts';
import type { Components } from './components.ts';
import { scalarNames } from './definition-name.ts';
import type { Chapter } from './document.ts';
import type { Operation, PathItem } from './operation.ts';
import type { Parameter } from './parameters.ts';

type Json = Record<string, unknown>;

/** OpenAPI v2 has no `oneOf`: these are said with a type and a format. */
const plainScalars: Readonly<Record<string, Json>> = {
  [scalarNames.quantity]: { type: 'string' },
  [scalarNames.intOrString]: { type: 'string', format: 'int-or-string' },
};

/** A v3 schema in the words of v2: no defaults, references in place. */
function downgrade(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(downgrade);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    if (key === 'allOf' && Array.isArray(child)) return Object.entries(downgrade(child[0]) as Json);
    if (key === '$ref') return [[key, String(child).replace('#/components/schemas/', '#/definitions/')]];
    return key === 'properties' ? [[key, downgradeProperties(child as Json)]] : key === 'default' ? [] : [[key, downgrade(child)]];
  });
  return Object.fromEntries(entries);
}

/** Fields may have any name, those of keywords too. */
function downgradeProperties(properties: Json): Json {
  return Object.fromEntries(Object.entries(properties).map(([field, schema]) => [field, downgrade(schema)]));
}

function downgradeModel(name: string, schema: Json): Json {
  const plain = plainScalars[name];
  return plain ? { description: schema['description'], ...plain } : (downgrade(schema) as Json);
}

function downgradeParameter({ schema, ...parameter }: Parameter): Json {
  return { ...parameter, ...schema };
}

interface Body {
  content?: Record<string, { schema: unknown }>;
  required?: boolean;
}

function bodyParameter({ content = {}, required }: Body): Json {
  const [first] = Object.values(content);
  return { name: 'body', in: 'body', ...(required ? { required } : {}), schema: downgrade(first?.schema) };
}

function downgradeOperation({ parameters = [], requestBody, responses, ...rest }: Operation): Json {
  const body = requestBody as Body | undefined;
  const answers = Object.entries(responses as Record<string, Body & { description: string }>);
  const own = [...(body ? [bodyParameter(body)] : []), ...parameters.map(downgradeParameter)];
  return {
    ...rest,
    consumes: Object.keys(body?.content ?? { '*/*': {} }),
    produces: Object.keys(answers[0]?.[1].content ?? {}),
    schemes: ['https'],
    ...(own.length > 0 ? { parameters: own } : {}),
    responses: Object.fromEntries(answers.map(([code, { description, content }]) => {
      const [first] = Object.values(content ?? {});
      return [code, { description, ...(first ? { schema: downgrade(first.schema) } : {}) }];
    })),
  };
}

function downgradePath(item: PathItem): Json {
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [
    key, Array.isArray(value) ? value.map(downgradeParameter) : downgradeOperation(value),
  ]));
}

/** All chapters as one OpenAPI v2 document. */
export function makeSwagger(chapters: readonly Chapter[], components: Components): Json {
  const paths = Object.fromEntries(chapters.flatMap((chapter) => Object.entries(chapter.paths())).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const extra = [...new Set(chapters.flatMap((chapter) => chapter.extra ?? []))];
  const schemas = components.reachedFrom(paths, { extra });
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: `${versionInfo.major}.${versionInfo.minor}` },
    paths: Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, downgradePath(item)])),
    definitions: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, downgradeModel(name, schema)])),
    securityDefinitions: { BearerToken: { description: 'A bearer token in the header `Authorization`.', type: 'apiKey', name: 'authorization', in: 'header' } },
    security: [{ BearerToken: [] }],
  };
}
