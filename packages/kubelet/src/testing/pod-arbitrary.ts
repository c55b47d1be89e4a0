import type { Pod } from '@podling/shared/api';
import { podKind } from '@podling/shared/scheme';
import fc from 'fast-check';
import { image } from './kubelet-bench.ts';

/** As much of a kind's JSON Schema as is walked here. */
interface SchemaNode {
  type?: string;
  enum?: string[];
  format?: string;
  properties?: Record<string, SchemaNode>;
  required?: string[];
  additionalProperties?: SchemaNode;
  items?: SchemaNode;
  'x-kubernetes-int-or-string'?: true;
  'x-podling-quantity'?: true;
  'x-podling-model'?: string;
}

interface FieldErrorLike {
  field: string;
}

/** Few names, so that what refers to a name often finds it. */
const names = ['a', 'b', 'c'];
const texts = ['', 'a', 'b', 'x.y', 'ä $(KEY) $(MISSING) $$(KEY)', '../..', '/', '127.0.0.1', 'e'.repeat(300), '\u0000', '0', 'true'];
const integers = [-1, 0, 1, 2, 5, 30, 80, 1_000, 65_535, 2 ** 31 - 1];

const byKey: Record<string, readonly string[]> = {
  name: [...names, 'KEY', 'A_B'],
  image: [image, image, image, 'podling.local/missing:1', 'NOT AN IMAGE'],
  mountPath: ['/a', '/a/b', '/etc/hosts', '/', '/dev/shm', 'relative'],
  subPath: ['x', 'x/y', '../x', 'key'],
  subPathExpr: ['$(KEY)', 'x/$(MISSING)', '$(KEY)/../..'],
  fieldPath: ['metadata.name', 'metadata.uid', 'status.podIP', 'spec.nodeName', "metadata.labels['a']", 'metadata.annotations'],
  resource: ['limits.cpu', 'limits.memory', 'requests.cpu'],
  host: ['127.0.0.1'],
  hostIP: ['127.0.0.1', '::'],
  ip: ['127.0.0.1', '10.1.1.1', '::1'],
  runAsUserName: ['x'],
  restartPolicy: ['Always', 'Never', 'OnFailure'],
  stopSignal: ['SIGTERM', 'SIGUSR1', 'SIGRTMIN+3'],
  workingDir: ['/', '/tmp', 'relative'],
};

const often = new Set(['initContainers', 'volumes', 'volumeMounts', 'env', 'ports']);

/** What lies on the machine itself is looked for in the test's own folder; memory would be mounted. */
const byModel: Record<string, (root: string) => Record<string, readonly unknown[]>> = {
  'core.v1.HostPathVolumeSource': (root) => ({ path: [`${root}/there`, `${root}/there/deep`, root] }),
  'core.v1.EmptyDirVolumeSource': () => ({ medium: [''] }),
};

/** Pods that the apiserver would take, with any field of their schema. */
export function validPod(nodeName: string, root: string): fc.Arbitrary<Pod> {
  const spec = specArbitrary(schemaOf('spec'), { root, key: '', structs: new Map() });
  return fc.noBias(spec).map((value) => repaired(podOf(nodeName, value))).filter((pod) => pod !== undefined);
}

function schemaOf(field: string): SchemaNode {
  return (podKind.schema as SchemaNode).properties?.[field] ?? {};
}

/** With what no pod can be without. */
function podOf(nodeName: string, spec: unknown): unknown {
  const { containers = [], initContainers = [], schedulingGates: _, ...rest } = spec as Record<'containers' | 'initContainers' | 'schedulingGates', { image?: string }[] | undefined>;
  const named = (prefix: string, list: { image?: string }[]): object[] => list.map((container, index) => ({ ...container, name: `${prefix}${index}`, image: container.image ?? image }));
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any', namespace: 'default', labels: { a: 'b' } },
    spec: { ...rest, nodeName, containers: named('main', containers), initContainers: named('init', initContainers) },
  };
}

interface Place {
  root: string;
  key: string;
  /** Made once each: there are many, deep in each other. */
  structs: Map<SchemaNode, fc.Arbitrary<unknown>>;
}

function specArbitrary(node: SchemaNode, place: Place): fc.Arbitrary<unknown> {
  if (place.key === 'metadata') return fc.constant({});
  if (node.properties) {
    const known = place.structs.get(node) ?? structArbitrary(node, node.properties, place);
    place.structs.set(node, known);
    return known;
  }
  if (node.items) return fc.array(specArbitrary(node.items, place), { minLength: place.key === 'containers' ? 1 : 0, maxLength: 2 });
  if (node.additionalProperties) return fc.dictionary(fc.constantFrom('cpu', 'memory', 'ephemeral-storage', 'a', 'key'), specArbitrary(node.additionalProperties, place), { maxKeys: 2 });
  return scalarArbitrary(node, place);
}

function structArbitrary(node: SchemaNode, properties: Record<string, SchemaNode>, { root, structs }: Place): fc.Arbitrary<unknown> {
  const special = byModel[node['x-podling-model'] ?? '']?.(root) ?? {};
  const required = new Set(node.required);
  const fields = Object.entries(properties).map(([key, child]) => {
    const values = special[key];
    const value = values ? fc.constantFrom(...values) : fc.constant(null).chain(() => specArbitrary(child, { root, key, structs }));
    if (required.has(key) || key === 'name') return [key, value] as const;
    return [key, fc.oneof({ weight: often.has(key) ? 1 : 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })] as const;
  });
  return fc.record(Object.fromEntries(fields));
}

function scalarArbitrary(node: SchemaNode, { key }: Place): fc.Arbitrary<unknown> {
  if (node['x-podling-quantity']) return fc.constantFrom('0', '1', '100m', '64Mi', '1Gi', '-1', '1n', '9E');
  if (node['x-kubernetes-int-or-string']) return fc.constantFrom(0, 80, 65_536, 'a', '50%');
  if (node.format === 'date-time') return fc.constant('2026-01-01T00:00:00Z');
  if (node.format === 'byte') return fc.constant('YQ==');
  if (node.type === 'boolean') return fc.boolean();
  if (node.type === 'integer' || node.type === 'number') return fc.constantFrom(...integers);
  const values = node.enum ?? byKey[key];
  return fc.constantFrom(...(values ?? [...names, ...texts]));
}

/** Without what validation refuses; undefined when little of it is left. */
function repaired(value: unknown): Pod | undefined {
  let raw = value;
  for (let tries = 0; tries < 30; tries += 1) {
    const pod = podKind.applyDefaults(podKind.decode(structuredClone(raw)).object);
    const errors: readonly FieldErrorLike[] = podKind.validateCreate(pod);
    if (errors.length === 0) return pod;
    raw = structuredClone(pod);
    for (const { field } of errors) removePath(raw, field);
  }
  return undefined;
}

/** Removes what is at the path, or the nearest thing around it that is there. */
function removePath(object: unknown, path: string): void {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  let [parent, last] = [object as Record<string, unknown>, ''];
  for (const [index, step] of steps.entries()) {
    const next = parent[step];
    if (next === undefined) break;
    last = step;
    if (index === steps.length - 1 || typeof next !== 'object' || next === null) break;
    const following = steps[index + 1] ?? '';
    if ((next as Record<string, unknown>)[following] === undefined) break;
    parent = next as Record<string, unknown>;
  }
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
}
