import { createHash } from 'node:crypto';
import { apiVersionOf } from '@podling/shared/scheme';
import type { ServedResource } from './endpoint.ts';

/**
 * `/openapi/v3`, as much as clients need to know before they write: which paths take which verbs and that the server
 * validates fields itself. Strategic merge is left out of the patch types on purpose: a client that finds it here takes the
 * merge keys from the schemas of this document, which has none; otherwise it uses its own.
 */
export class OpenApi {
  readonly #documents = new Map<string, string>();

  constructor(resources: readonly ServedResource[]) {
    const groups = Map.groupBy(resources, ({ info }) => rootOf(info));
    for (const [root, members] of groups) this.#documents.set(root, JSON.stringify(documentOf(members)));
  }

  /** The list of documents. */
  index(): object {
    const paths = [...this.#documents].map(([root, text]) => {
      const hash = createHash('sha512').update(text).digest('hex').slice(0, 64).toUpperCase();
      return [root, { serverRelativeURL: `/openapi/v3/${root}?hash=${hash}` }] as const;
    });
    return { paths: Object.fromEntries(paths) };
  }

  /** The JSON of `api/v1` and its like; undefined for what is not served. */
  document(root: string): string | undefined {
    return this.#documents.get(root);
  }
}

function rootOf({ group, version }: ServedResource['info']): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

const queryParameter = (name: string): object => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } });
const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'].map(queryParameter);

function operation({ group, version, kind }: ServedResource['info'], action: string, body: readonly string[]): object {
  const content = Object.fromEntries(body.map((type) => [type, { schema: { type: 'object' } }]));
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, kind, version },
    parameters: writeParameters,
    requestBody: { content, required: true },
    responses: { 200: { description: 'OK' } },
  };
}

function pathsOf({ info }: ServedResource): [string, object][] {
  const base = `/${rootOf(info)}${info.namespaced ? '/namespaces/{namespace}' : ''}/${info.resource}`;
  return [
    [base, { post: operation(info, 'post', ['application/json', 'application/yaml']) }],
    [`${base}/{name}`, {
      put: operation(info, 'put', ['application/json', 'application/yaml']),
      patch: operation(info, 'patch', ['application/merge-patch+json', 'application/json-patch+json']),
    }],
  ];
}

function documentOf(resources: readonly ServedResource[]): object {
  const [first] = resources;
  return {
    openapi: '3.0.0',
    info: { title: 'Podling', version: first ? apiVersionOf(first.info) : '' },
    paths: Object.fromEntries(resources.flatMap(pathsOf)),
    components: {},
  };
}
