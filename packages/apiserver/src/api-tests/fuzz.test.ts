import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { envelope, field } from '../endpoints/protobuf/testing/wire-writer.ts';
import { pods, useTestServer } from '../testing/test-server.ts';

const runs = Number(process.env['PODLING_FUZZ_RUNS'] ?? 60);
/** A failure prints the seed and the path that repeat it. */
const seed = Number(process.env['PODLING_FUZZ_SEED'] ?? Date.now() % 2 ** 31);

const selectorText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.array(fc.constantFrom('a', 'b/c', 'in', 'notin', '=', '==', '!=', '!', '(', ')', ',', ' ', 'metadata.name', 'é', '<', '\0', '_'), { maxLength: 12 }).map((parts) => parts.join('')),
);
const quantity = fc.oneof(
  fc.string({ maxLength: 12 }), fc.double(), fc.bigInt().map(String),
  fc.tuple(fc.constantFrom('', '+', '-', '.'), fc.nat(), fc.constantFrom('', '.', '.5', 'e', 'E9', 'e-999', 'e99999999'), fc.constantFrom('', 'm', 'Ki', 'M', 'n', 'ZZ')).map((parts) => parts.join('')),
);
const key = fc.constantFrom(
  'metadata', 'spec', 'status', 'name', 'labels', 'annotations', 'containers', 'image', 'env', 'value', 'resources', 'limits', 'cpu', 'ports', 'containerPort',
  'volumes', 'finalizers', 'tolerations', '$patch', '$retainKeys', '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers', '__proto__', 'constructor',
  'kind', 'apiVersion', 'uid', 'resourceVersion', 'managedFields', 'fieldsV1', 'deletionTimestamp', 'x',
);
const { value: json } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 53, '', 'a', 'c', 'delete', 'replace', 'merge', 'Pod', '2026-01-01T00:00:00Z'),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }), fc.array(tie('value'), { maxLength: 3 }),
  ),
}));
const pointer = fc.array(fc.oneof(key, fc.constantFrom('0', '-', '1', '01', '-1', '999999999', '~0', '~1', '~2', '')), { maxLength: 5 }).map((steps) => steps.map((step) => `/${step}`).join(''));
const operation = fc.record(
  { op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'zap'), path: pointer, from: pointer, value: json },
  { requiredKeys: ['op'] },
);
const yaml = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.array(fc.constantFrom('kind: Pod\n', 'metadata:\n', '  name: a\n', '- ', '&a ', '*a', '<<: *a\n', '{', '}', '[', ']', ': ', '\n', '  ', '!!binary ', '!!js/function ', '|\n', '---\n', '? ', '# c\n', "'", '"', '\t', '%YAML 1.2\n', '0x1F', '.inf'), { maxLength: 30 }).map((parts) => parts.join('')),
);

/** What a revision that the store has not reached is answered with. */
const tooNewRevision = 504;

describe('whatever is sent', () => {
  const server = useTestServer();

  async function answers(method: string, path: string, body?: string | Uint8Array, contentType = 'application/json'): Promise<void> {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) };
    const response = await fetch(server.url + path, { method, headers: { 'content-type': contentType }, ...sent, signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    if (response.status >= 500 && response.status !== tooNewRevision) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
  }

  const holds = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => Promise<void>): Promise<void> =>
    fc.assert(fc.asyncProperty(arbitrary, check), { numRuns: runs, seed }) as Promise<void>;
  const encoded = encodeURIComponent;

  it('as a selector is answered', () => holds(fc.tuple(selectorText, selectorText), ([labels, fields]) =>
    answers('GET', `${pods}?labelSelector=${encoded(labels)}&fieldSelector=${encoded(fields)}`)));

  it('as a quantity is answered', () => holds(fc.tuple(quantity, quantity), ([limit, request]) => {
    const resources = { limits: { cpu: limit, memory: request }, requests: { cpu: request } };
    return answers('POST', `${pods}?dryRun=All`, JSON.stringify({ metadata: { name: 'q' }, spec: { containers: [{ name: 'c', image: 'x', resources }] } }));
  }));

  it('as an object is answered', () => holds(json, (body) => answers('POST', `${pods}?dryRun=All`, JSON.stringify(body))));

  it.each(['application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'])('as a patch of %s is answered', async (type) => {
    await server.createPod('fuzzed').catch(() => undefined);
    await holds(fc.tuple(json, fc.boolean()), ([patch, isForced]) =>
      answers('PATCH', `${pods}/fuzzed?fieldManager=f${isForced && type.includes('apply') ? '&force=true' : ''}`, JSON.stringify(patch), type));
  });

  it('as operations is answered', async () => {
    await server.createPod('fuzzed').catch(() => undefined);
    await holds(fc.array(operation, { maxLength: 6 }), (patch) => answers('PATCH', `${pods}/fuzzed`, JSON.stringify(patch), 'application/json-patch+json'));
  });

  it('as a continue token is answered', () => holds(
    fc.oneof(fc.string(), json.map((value) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url')),
      fc.record({ v: fc.constant('meta.k8s.io/v1'), rv: fc.oneof(fc.string(), fc.integer(), fc.constantFrom('0', '-1', '99999999999999999999')), start: fc.string() })
        .map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'))),
    (token) => answers('GET', `${pods}?limit=1&continue=${encoded(token)}`),
  ));

  it('as YAML is answered', () => holds(yaml, (body) => answers('POST', `${pods}?dryRun=All`, body, 'application/yaml')));

  it('as protobuf is answered', () => holds(fc.uint8Array({ maxLength: 300 }), (bytes) =>
    answers('POST', `${pods}?dryRun=All`, envelope('v1', 'Pod', field(1, field(1, 'p')), Buffer.from(bytes)), 'application/vnd.kubernetes.protobuf')));

  it('as bytes is answered', () => holds(fc.uint8Array({ maxLength: 300 }), (bytes) => answers('POST', `${pods}?dryRun=All`, bytes)));

  const parameter = fc.constantFrom(
    'limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'fieldSelector', 'labelSelector', 'dryRun', 'fieldValidation', 'fieldManager', 'force',
    'gracePeriodSeconds', 'propagationPolicy', 'orphanDependents', 'pretty', 'includeObject', 'timeoutSeconds', 'timeout',
  );
  const value = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('0', '-1', '1', 'true', 'false', 'All', 'Exact', 'NotOlderThan', 'Strict', '9223372036854775807', '1e3'));

  it('as query parameters is answered', () => holds(
    fc.tuple(fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'), fc.array(fc.tuple(parameter, value), { maxLength: 5 })),
    ([method, pairs]) => answers(method, `${pods}${method === 'POST' ? '' : '/nobody'}?${new URLSearchParams(pairs).toString()}`, method === 'GET' ? undefined : '{}', method === 'PATCH' ? 'application/merge-patch+json' : undefined),
  ));

  it('as a path is answered', () => holds(
    fc.array(fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('api', 'v1', 'apis', 'namespaces', 'default', 'pods', 'status', 'log', 'binding', 'watch', 'proxy', '..', '.', '', '%2e%2e', '%00', '%ff')), { maxLength: 8 }),
    (segments) => answers('GET', `/${segments.map((segment) => (segment.startsWith('%') ? segment : encoded(segment))).join('/')}`),
  ));

  it('leaves the server as it was', async () => {
    expect((await server.send('GET', '/readyz')).code).toBe(200);
    await server.createPod('after');
  });
});
