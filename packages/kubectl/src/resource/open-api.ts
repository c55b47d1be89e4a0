import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { apiVersionOf } from './rest-mapping.ts';
import type { RestMapping } from './rest-mapping.ts';

/** As much of an OpenAPI v3 schema as is shown. */
export interface OpenApiSchema {
  $ref?: string;
  type?: string;
  description?: string;
  properties?: Record<string, OpenApiSchema>;
  required?: string[];
  items?: OpenApiSchema;
  additionalProperties?: OpenApiSchema | boolean;
  allOf?: OpenApiSchema[];
  enum?: unknown[];
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

export interface OpenApiDocument {
  components?: { schemas?: Record<string, OpenApiSchema> };
}

/** The server's description of one group and version. */
export async function readOpenApi(factory: Factory, mapping: RestMapping): Promise<OpenApiDocument> {
  const rest = await factory.client();
  const { paths } = await rest.request<{ paths: Record<string, { serverRelativeURL: string }> }>({ path: '/openapi/v3' });
  const apiVersion = apiVersionOf(mapping);
  const entry = paths[mapping.group === '' ? `api/${apiVersion}` : `apis/${apiVersion}`];
  if (entry === undefined) throw new CommandError(`couldn't find resource for "${apiVersion}, Resource=${mapping.resource}"`);
  const url = new URL(entry.serverRelativeURL, 'http://server');
  return rest.request<OpenApiDocument>({ path: url.pathname, query: Object.fromEntries(url.searchParams) });
}

export function schemaOf({ components }: OpenApiDocument, { group, version, kind }: RestMapping): OpenApiSchema {
  const found = Object.values(components?.schemas ?? {}).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some((gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind),
  );
  if (found === undefined) throw new CommandError(`the server describes no ${kind} in ${group === '' ? version : `${group}/${version}`}`);
  return found;
}
