import { describe, expect, it } from 'vitest';
import { DecodeError } from './decode-error.ts';
import { PatchError } from './patch-error.ts';
import { PodSchema } from './pod.ts';
import { strategicMergePatch } from './strategic-merge.ts';

const c = (name: string, rest: object = {}) => ({ name, ...rest });
const withContainers = (...containers: object[]) => ({ metadata: { name: 'web' }, spec: { containers } });

function patchSpec(original: object, patch: object): unknown {
  return (strategicMergePatch(PodSchema, { spec: original }, { spec: patch }) as { spec: unknown }).spec;
}

describe('strategic merge patch', () => {
  it.each<[promise: string, original: object, patch: object, result: object]>([
    ['merges objects', { hostname: 'a', os: { name: 'linux' } }, { hostname: 'b' }, { hostname: 'b', os: { name: 'linux' } }],
    ['deletes on null', { hostname: 'a', nodeSelector: { a: '1', b: '2' } }, { hostname: null, nodeSelector: { a: null } }, { nodeSelector: { b: '2' } }],
    ['drops the nulls of what it adds', {}, { dnsConfig: { options: null, searches: ['a'] } }, { dnsConfig: { searches: ['a'] } }],
    ['replaces lists without a merge key', { tolerations: [{ key: 'a' }, { key: 'b' }] }, { tolerations: [{ key: 'c' }] }, { tolerations: [{ key: 'c' }] }],
    ['merges elements by key', { containers: [c('a', { image: '1', tty: true })] }, { containers: [c('a', { image: '2' })] }, { containers: [c('a', { image: '2', tty: true })] }],
    ['puts what the patch names first', { containers: [c('a')] }, { containers: [c('b')] }, { containers: [c('b'), c('a')] }],
    ['deletes an element', { containers: [c('a'), c('b')] }, { containers: [{ name: 'a', $patch: 'delete' }] }, { containers: [c('b')] }],
    ['replaces a list', { containers: [c('a', { tty: true }), c('b')] }, { containers: [c('a'), { $patch: 'replace' }] }, { containers: [c('a')] }],
    ['replaces an object', { securityContext: { runAsUser: 1, fsGroup: 2 } }, { securityContext: { $patch: 'replace', runAsUser: 3 } }, { securityContext: { runAsUser: 3 } }],
    ['empties an object', { securityContext: { runAsUser: 1 } }, { securityContext: { $patch: 'delete' } }, { securityContext: {} }],
    ['ignores the directive merge', { securityContext: { runAsUser: 1 } }, { securityContext: { $patch: 'merge', fsGroup: 2 } }, { securityContext: { runAsUser: 1, fsGroup: 2 } }],
    ['keeps only the retained keys', { volumes: [{ name: 'v', emptyDir: {} }] }, { volumes: [{ name: 'v', hostPath: { path: '/a' }, $retainKeys: ['name', 'hostPath'] }] }, { volumes: [{ name: 'v', hostPath: { path: '/a' } }] }],
    ['orders elements as told', { containers: [c('a'), c('b'), c('c')] }, { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }], containers: [c('c', { tty: true })] }, { containers: [c('b'), c('c', { tty: true }), c('a')] }],
    ['reorders without any change', { containers: [c('a'), c('b')] }, { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] }, { containers: [c('b'), c('a')] }],
    ['merges lists within elements', { containers: [c('a', { env: [{ name: 'X', value: '1' }] })] }, { containers: [c('a', { env: [{ name: 'Y', value: '2' }] })] }, { containers: [c('a', { env: [{ name: 'Y', value: '2' }, { name: 'X', value: '1' }] })] }],
    ['leaves a list alone that it does not know', { containers: [], unknown: [1] }, { unknown: [2] }, { containers: [], unknown: [2] }],
    ['cleans directives out of what it adds', {}, { containers: [c('a', { env: [{ name: 'X', $patch: 'delete' }] })] }, { containers: [c('a', { env: [] })] }],
  ])('%s', (_promise, original, patch, result) => {
    expect(patchSpec(original, patch)).toEqual(result);
  });

  it('unites lists of scalars and takes single values out', () => {
    const patched = (patch: object) => strategicMergePatch(PodSchema, { metadata: { finalizers: ['a', 'b'] } }, { metadata: patch });
    expect(patched({ finalizers: ['b', 'c'] })).toEqual({ metadata: { finalizers: ['a', 'b', 'c'] } });
    expect(patched({ '$deleteFromPrimitiveList/finalizers': ['a'] })).toEqual({ metadata: { finalizers: ['b'] } });
    expect(patched({ '$setElementOrder/finalizers': ['b', 'a'] })).toEqual({ metadata: { finalizers: ['b', 'a'] } });
  });

  it('changes neither of its arguments', () => {
    const [original, patch] = [withContainers(c('a', { env: [{ name: 'X' }] })), withContainers(c('a', { env: [{ name: 'Y' }] }))];
    const before = JSON.stringify([original, patch]);
    strategicMergePatch(PodSchema, original, patch);
    expect(JSON.stringify([original, patch])).toBe(before);
  });

  it.each<[string, unknown]>([
    ['no object', []],
    ['an element without its key', withContainers({ image: 'x' })],
    ['a scalar among elements', { spec: { containers: ['a'] } }],
    ['an unknown directive', { spec: { $patch: 'explode' } }],
    ['retained keys that miss one of the patch', { spec: { $retainKeys: ['containers'], hostname: 'a' } }],
    ['retained keys that are no list', { spec: { $retainKeys: 'containers' } }],
    ['values to delete that are no list', { metadata: { '$deleteFromPrimitiveList/finalizers': 'a' } }],
    ['an order that is no list', { spec: { '$setElementOrder/containers': 'a', containers: [c('a')] } }],
  ])('refuses %s', (_what, patch) => {
    expect(() => strategicMergePatch(PodSchema, withContainers(c('a')), patch)).toThrow(PatchError);
  });

  it('refuses a patch that nests too deep', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`);
    expect(() => strategicMergePatch(PodSchema, {}, deep)).toThrow(DecodeError);
  });

  it('lets no key of the patch reach a prototype', () => {
    const patch: unknown = JSON.parse('{"metadata":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}');
    strategicMergePatch(PodSchema, withContainers(), patch);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
