import { beforeAll, describe, expect, it } from 'vitest';
import { useTestServer } from '../testing/test-server.ts';

type Json = Record<string, unknown>;

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Json>>;
  components: { schemas: Record<string, Json & { properties?: Record<string, Json> }> };
}

const podSpec = 'io.k8s.api.core.v1.PodSpec';
const path = '/api/v1/namespaces/{namespace}/pods/{name}';

const namesOf = (parameters: unknown): string[] | undefined => (parameters as { name: string }[] | undefined)?.map(({ name }) => name);

/** All `$ref`s of a document. */
function refsOf(text: string): string[] {
  return [...text.matchAll(/"\$ref":"#\/(?:components\/schemas|definitions)\/([^"]+)"/g)].map(([, name = '']) => name);
}

describe('OpenAPI v3', () => {
  const server = useTestServer();
  const places: Record<string, string> = {};
  let core: Document;

  beforeAll(async () => {
    const { body } = await server.send<{ paths: Record<string, { serverRelativeURL: string }> }>('GET', '/openapi/v3');
    for (const [name, { serverRelativeURL }] of Object.entries(body.paths)) places[name] = serverRelativeURL;
    core = (await server.send<Document>('GET', places['api/v1'] ?? '')).body;
  });

  it('has a document for every group and version', () => {
    expect(Object.keys(places)).toEqual(expect.arrayContaining(['api', 'api/v1', 'apis', 'apis/coordination.k8s.io', 'apis/coordination.k8s.io/v1', 'version']));
  });

  it('is whole: every reference leads somewhere, and no word of our own gets out', async () => {
    for (const place of Object.values(places)) {
      const response = await fetch(server.url + place);
      const text = await response.text();
      const { components } = JSON.parse(text) as Document;
      expect(refsOf(text).filter((name) => !components.schemas[name])).toEqual([]);
      expect(text).not.toContain('x-podling');
    }
  });

  it('describes a model as Kubernetes does', () => {
    const { properties = {}, required } = core.components.schemas[podSpec] ?? {};
    expect(required).toEqual(['containers']);
    expect(properties['containers']).toMatchObject({
      type: 'array',
      items: { default: {}, allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.Container' }] },
      'x-kubernetes-list-map-keys': ['name'], 'x-kubernetes-list-type': 'map', 'x-kubernetes-patch-merge-key': 'name', 'x-kubernetes-patch-strategy': 'merge',
    });
    expect(properties['dnsPolicy']).toMatchObject({ type: 'string', enum: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'] });
    expect(properties['nodeSelector']).toMatchObject({ additionalProperties: { type: 'string', default: '' }, 'x-kubernetes-map-type': 'atomic' });
    expect(core.components.schemas['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({ format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] });
    expect(core.components.schemas['io.k8s.api.core.v1.PodList']).toMatchObject({ required: ['items'], 'x-kubernetes-group-version-kind': [{ group: '', kind: 'PodList', version: 'v1' }] });
  });

  it('has every field explained', () => {
    const fields = Object.entries(core.components.schemas).flatMap(([model, { properties = {} }]) => Object.entries(properties).map(([field, { description }]) => [`${model}.${field}`, description]));
    expect(fields.length).toBeGreaterThan(700);
    expect(fields.filter(([, description]) => !description)).toEqual([]);
  });

  it('tells which patches there are, and what a request may say', () => {
    const patch = core.paths[path]?.['patch'];
    expect(Object.keys((patch?.['requestBody'] as { content?: Json } | undefined)?.content ?? {})).toEqual([
      'application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json',
    ]);
    expect(namesOf(patch?.['parameters'])).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force']);
    expect(patch).toMatchObject({ operationId: 'patchCoreV1NamespacedPod', 'x-kubernetes-action': 'patch', 'x-kubernetes-group-version-kind': { group: '', version: 'v1', kind: 'Pod' } });
    expect(namesOf(core.paths[path]?.['parameters'])).toEqual(['name', 'namespace', 'pretty']);
  });

  it('may be kept for ever under its hash, and sends a wrong hash to the right one', async () => {
    const kept = await fetch(server.url + (places['api/v1'] ?? ''));
    expect([kept.headers.get('cache-control'), kept.headers.get('content-type')]).toEqual(['public, immutable', 'application/json']);
    const hash = new URL(kept.url).searchParams.get('hash');
    expect(kept.headers.get('etag')).toBe(`"${hash}"`);
    const wrong = await fetch(`${server.url}/openapi/v3/api/v1?hash=ABC`, { redirect: 'manual' });
    expect([wrong.status, wrong.headers.get('location')]).toEqual([301, places['api/v1']]);
    const known = await fetch(`${server.url}/openapi/v3/api/v1`, { headers: { 'if-none-match': `"${hash}"` } });
    expect([known.status, known.headers.get('cache-control')]).toEqual([304, 'no-cache, private']);
  });

  it('is JSON and nothing else, and 404 for what is not served', async () => {
    expect((await server.send('GET', '/openapi/v3/api/v1', { accept: 'application/yaml' })).code).toBe(406);
    expect((await server.send('GET', '/openapi/v3/apis/apps/v1')).code).toBe(404);
  });
});

describe('OpenAPI v2', () => {
  const server = useTestServer();

  it('has all groups in one document, in the words of its version', async () => {
    const response = await fetch(`${server.url}/openapi/v2`);
    const text = await response.text();
    const document = JSON.parse(text) as { swagger: string; definitions: Document['components']['schemas']; paths: Document['paths'] };
    expect(document.swagger).toBe('2.0');
    expect(refsOf(text).filter((name) => !document.definitions[name])).toEqual([]);
    expect(text).not.toMatch(/"(?:allOf|oneOf|x-podling[^"]*)"/);
    expect(document.definitions[podSpec]?.properties?.['containers']).toMatchObject({ items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' }, 'x-kubernetes-patch-merge-key': 'name' });
    expect(document.paths[path]?.['put']).toMatchObject({ consumes: ['*/*'], parameters: expect.arrayContaining([{ name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/io.k8s.api.core.v1.Pod' } }]) as unknown });
    expect(document.paths['/apis/coordination.k8s.io/v1/leases']).toHaveProperty('get');
  });

  it('comes in protobuf for clients that read nothing else', async () => {
    const response = await fetch(`${server.url}/openapi/v2`, { headers: { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' } });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf']);
    expect(Buffer.from(await response.arrayBuffer()).subarray(0, 5).toString('latin1')).toBe('\n\u00032.0');
  });
});
