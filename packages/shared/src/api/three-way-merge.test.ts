import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PatchError } from './patch-error.ts';
import { PodSchema } from './pod.ts';
import { strategicMergePatch } from './strategic-merge.ts';
import { createThreeWayStrategicPatch } from './three-way-merge.ts';

type Json = Record<string, unknown>;
const pod = (spec: Json, metadata: Json = {}): Json => ({ metadata, spec });
const patchOf = (original: Json, modified: Json, current: Json) => createThreeWayStrategicPatch(PodSchema, original, modified, current);
const applied = (original: Json, modified: Json, current: Json) => strategicMergePatch(PodSchema, current, patchOf(original, modified, current));

const word = fc.stringMatching(/^[a-d]$/);
const labels = fc.dictionary(word, word, { maxKeys: 3, noNullPrototype: true });
const keyed = (key: string, rest: Record<string, fc.Arbitrary<unknown>>) =>
  fc.uniqueArray(fc.record({ [key]: word, ...rest }, { requiredKeys: [key], noNullPrototype: true }), { selector: (item) => (item as Json)[key], maxLength: 4 });
const anyPod: fc.Arbitrary<Json> = fc.record(
  {
    metadata: fc.record({ labels, finalizers: fc.uniqueArray(word, { maxLength: 4 }) }, { requiredKeys: [], noNullPrototype: true }),
    spec: fc.record(
      {
        containers: keyed('name', {
          image: word,
          args: fc.array(word, { maxLength: 3 }),
          env: keyed('name', { value: word }),
          volumeMounts: keyed('mountPath', { name: word, readOnly: fc.boolean() }),
        }),
        volumes: keyed('name', { emptyDir: fc.constant({}), hostPath: fc.record({ path: word }, { noNullPrototype: true }) }),
        tolerations: fc.array(fc.record({ key: word }, { noNullPrototype: true }), { maxLength: 3 }),
        nodeSelector: labels,
        hostname: word,
      },
      { requiredKeys: ['containers'], noNullPrototype: true },
    ),
  },
  { requiredKeys: ['spec'], noNullPrototype: true },
);

describe('three-way strategic patch', () => {
  it('applied to the object it was made from gives the object that was wanted', () => {
    fc.assert(
      fc.property(anyPod, anyPod, (current, modified) => {
        expect(applied(current, modified, current)).toEqual(modified);
      }),
      { numRuns: 500 },
    );
  });

  it('is empty when there is nothing to change', () => {
    fc.assert(
      fc.property(anyPod, (object) => {
        expect(patchOf(object, object, object)).toEqual({});
      }),
    );
  });

  it('wins over what others have changed, and a second one is empty', () => {
    fc.assert(
      fc.property(anyPod, anyPod, anyPod, (original, modified, current) => {
        const once = applied(original, modified, current);
        expect(patchOf(modified, modified, once)).toEqual({});
      }),
      { numRuns: 500 },
    );
  });

  it('leaves what others have set and removes what was once applied', () => {
    const original = pod({ hostname: 'a', containers: [{ name: 'x' }, { name: 'y' }] }, { labels: { mine: '1', old: '1' } });
    const modified = pod({ containers: [{ name: 'x', image: 'new' }] }, { labels: { mine: '2' } });
    const current = pod({ hostname: 'a', nodeName: 'node-1', containers: [{ name: 'x', tty: true }, { name: 'y' }, { name: 'sidecar' }] }, { labels: { mine: '1', old: '1', theirs: '1' } });
    expect(applied(original, modified, current)).toEqual(
      pod({ nodeName: 'node-1', containers: [{ name: 'x', tty: true, image: 'new' }, { name: 'sidecar' }] }, { labels: { mine: '2', theirs: '1' } }),
    );
  });

  it('sees no change in two ways to write one quantity', () => {
    const limits = (cpu: unknown) => pod({ containers: [{ name: 'x', resources: { limits: { cpu } } }] });
    expect(patchOf(limits('0.5'), limits('0.5'), limits('500m'))).toEqual({});
    expect(patchOf(limits(1), limits(1), limits('1'))).toEqual({});
    expect(patchOf(limits('0.5'), limits('0.6'), limits('500m'))).not.toEqual({});
  });

  it('replaces a list whose elements share a merge key', () => {
    const dns = ['TCP', 'UDP'].map((protocol) => ({ containerPort: 53, protocol }));
    const ports = (list: unknown[]) => pod({ containers: [{ name: 'x', ports: list }] });
    expect(applied(ports([]), ports(dns), ports([{ containerPort: 80 }]))).toEqual(ports(dns));
    expect(patchOf(ports(dns), ports(dns), ports(dns))).toEqual({});
  });

  it('retains the keys of a volume whose source changes', () => {
    const volume = (source: Json) => pod({ volumes: [{ name: 'v', ...source }] });
    expect(patchOf(volume({ emptyDir: {} }), volume({ hostPath: { path: '/a' } }), volume({ emptyDir: {} }))).toEqual({
      spec: {
        '$setElementOrder/volumes': [{ name: 'v' }],
        volumes: [{ name: 'v', emptyDir: null, hostPath: { path: '/a' }, $retainKeys: ['name', 'hostPath'] }],
      },
    });
  });

  it('refuses an element without its merge key', () => {
    expect(() => patchOf({}, pod({ containers: [{ image: 'x' }] }), pod({ containers: [] }))).toThrow(PatchError);
  });
});
