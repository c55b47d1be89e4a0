import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PodSchema } from '../pod.ts';
import { asSchema } from '../schema-node.ts';
import { checkApplied } from './check-applied.ts';
import { compareFields } from './compare-fields.ts';
import { describeFields } from './field-set.ts';
import { fieldsOf } from './fields-of.ts';
import { mergeApplied } from './merge-applied.ts';
import { pruneFields } from './prune-fields.ts';

const schema = asSchema(PodSchema);
type Json = Record<string, unknown>;
const spec = (parts: Json): Json => ({ spec: parts });
const containers = (...names: string[]): Json => spec({ containers: names.map((name) => ({ name })) });
const namesOf = (pod: unknown): string[] => (pod as { spec: { containers: { name: string }[] } }).spec.containers.map(({ name }) => name);

describe('fields of an applied object', () => {
  it.each<[string, Json, string[]]>([
    ['leaves, not the structs around them', spec({ hostNetwork: true, securityContext: { runAsUser: 1 } }), ['.spec.hostNetwork', '.spec.securityContext.runAsUser']],
    ['empty structs and nulls', spec({ securityContext: {}, nodeName: null, affinity: null }), ['.spec.affinity', '.spec.nodeName', '.spec.securityContext']],
    ['map keys', { metadata: { labels: { a: '1' } } }, ['.metadata.labels.a']],
    ['list items with their keys', containers('a'), ['.spec.containers[name="a"]', '.spec.containers[name="a"].name']],
    ['items of a set', { metadata: { finalizers: ['x'] } }, ['.metadata.finalizers[="x"]']],
    ['atomic lists, maps and structs as one', spec({ tolerations: [{ key: 'a' }], nodeSelector: { a: 'b' }, imagePullSecrets: [{ name: 's' }] }),
      ['.spec.nodeSelector', '.spec.tolerations', '.spec.imagePullSecrets[name="s"]']],
    ['a key that has a default', spec({ containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] }),
      ['.spec.containers[name="a"]', '.spec.containers[name="a"].name', '.spec.containers[name="a"].ports[containerPort=80,protocol="TCP"]',
        '.spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].containerPort']],
    ['nothing of an empty list', spec({ containers: [] }), []],
  ])('are %s', (_what, value, fields) => {
    expect(describeFields(fieldsOf(schema, value))).toEqual(fields);
  });
});

describe('comparison of two objects', () => {
  const compared = (before: Json, after: Json) => {
    const { added, modified, removed } = compareFields(schema, before, after) ?? { added: undefined, modified: undefined, removed: undefined };
    return { added: describeFields(added), modified: describeFields(modified), removed: describeFields(removed) };
  };
  it.each<[string, Json, Json, ReturnType<typeof compared>]>([
    ['finds a struct that is new with all that is in it', {}, { spec: { securityContext: { runAsUser: 1 } } },
      { added: ['.spec', '.spec.securityContext', '.spec.securityContext.runAsUser'], modified: [], removed: [] }],
    ['finds items by their keys, wherever they are', containers('a', 'b'), containers('b', 'c'),
      { added: ['.spec.containers[name="c"]', '.spec.containers[name="c"].name'], modified: [], removed: ['.spec.containers[name="a"]', '.spec.containers[name="a"].name'] }],
    ['sees an atomic list as one', spec({ tolerations: [{ key: 'a' }] }), spec({ tolerations: [] }), { added: [], modified: ['.spec.tolerations'], removed: [] }],
    ['does not mind the order of items', containers('a', 'b'), containers('b', 'a'), { added: [], modified: [], removed: [] }],
    ['takes items that come twice as one', containers('a'), containers('a', 'a'),
      { added: ['.spec.containers[name="a"]'], modified: [], removed: ['.spec.containers[name="a"]', '.spec.containers[name="a"].name'] }],
  ])('%s', (_what, before, after, changes) => {
    expect(compared(before, after)).toEqual(changes);
  });
});

describe('merge of an applied object', () => {
  it.each<[string, string[], string[], string[]]>([
    ['keeps the order of what is applied', ['a', 'b'], ['b', 'a'], ['b', 'a']],
    ['leaves other items where they are', ['a', 'x', 'b'], ['b', 'n', 'a'], ['x', 'b', 'n', 'a']],
    ['puts new items before the next known one', ['a', 'x', 'b'], ['a', 'n', 'b'], ['a', 'x', 'n', 'b']],
    ['puts new items last otherwise', ['a'], ['a', 'n'], ['a', 'n']],
    ['keeps items that come twice and are not applied', ['x', 'x', 'a'], ['a'], ['x', 'x', 'a']],
    ['replaces items that come twice by the one applied', ['a', 'x', 'a'], ['a'], ['a', 'x']],
  ])('%s', (_what, live, config, merged) => {
    expect(namesOf(mergeApplied(schema, containers(...live), containers(...config)))).toEqual(merged);
  });

  const name = fc.constantFrom('a', 'b', 'c');
  const labels = fc.dictionary(name, name);
  const pod = fc.record({
    metadata: fc.record({ labels, finalizers: fc.uniqueArray(name) }, { requiredKeys: [] }),
    spec: fc.record({
      hostNetwork: fc.boolean(), nodeSelector: labels, tolerations: fc.array(fc.record({ key: name })),
      containers: fc.uniqueArray(fc.record({ name, image: name, ports: fc.uniqueArray(fc.record({ containerPort: fc.constantFrom(80, 81) }), { selector: ({ containerPort }) => containerPort }) }, { requiredKeys: ['name'] }),
        { selector: (container) => container.name }),
    }, { requiredKeys: [] }),
  }, { requiredKeys: [] });

  it('changes nothing when it is made again, or with what is there', () => {
    fc.assert(fc.property(pod, pod, (live, config) => {
      const once = mergeApplied(schema, live, config);
      expect(mergeApplied(schema, once, config)).toEqual(once);
      expect(mergeApplied(schema, live, live)).toEqual(live);
      expect(compareFields(schema, live, mergeApplied(schema, live, live))).toBeUndefined();
    }));
  });

  it('finds all changes: each differing field is added, modified or removed', () => {
    fc.assert(fc.property(pod, pod, (before, after) => {
      const changes = compareFields(schema, before, after);
      const back = compareFields(schema, after, before);
      expect(describeFields(changes?.added)).toEqual(describeFields(back?.removed));
      expect(describeFields(changes?.modified)).toEqual(describeFields(back?.modified));
    }));
  });

  it('is undone by the one who made it, when nobody else was there', () => {
    fc.assert(fc.property(pod, (config) => {
      expect(describeFields(fieldsOf(schema, pruneFields(schema, config, { last: fieldsOf(schema, config), owned: undefined })))).toEqual([]);
    }));
  });
});

describe('removal of what is no longer applied', () => {
  const pruned = (merged: Json, last: Json, owned: Json) => pruneFields(schema, merged, { last: fieldsOf(schema, last), owned: fieldsOf(schema, owned) });
  const labels = (...keys: string[]): Json => ({ metadata: { labels: Object.fromEntries(keys.map((key) => [key, '1'])) } });
  it.each<[string, Json, Json, Json, Json]>([
    ['takes what nobody owns', labels('a', 'b', 'c'), labels('a', 'b'), labels('b'), labels('b', 'c')],
    ['takes the map with its last key', { metadata: { labels: { a: '1' } } }, labels('a'), {}, {}],
    ['keeps what was never owned', labels('a'), {}, {}, labels('a')],
    ['takes an item with what others brought into it by chance', spec({ containers: [{ name: 'a', image: 'x' }, { name: 'b' }] }), containers('a'), containers('b'), containers('b')],
    ['keeps an item that another owns', spec({ containers: [{ name: 'a', image: 'x' }] }), spec({ containers: [{ name: 'a', image: 'x' }] }), containers('a'), containers('a')],
    ['takes items of a set', { metadata: { finalizers: ['x', 'y'] } }, { metadata: { finalizers: ['x'] } }, {}, {}],
  ])('%s', (_what, merged, last, owned, result) => {
    expect(pruned(merged, last, owned)).toEqual(result);
  });
});

describe('check of an applied object', () => {
  it.each<[Json, string[]]>([
    [spec({ containers: [{ name: 'a', resources: { limits: { cpu: 1, memory: '1Gi' } }, ports: [{ containerPort: 80 }] }], nodeName: null }), []],
    [{ foo: 1 }, ['.foo: field not declared in schema']],
    [spec({ hostNetwork: 'no' }), ['.spec.hostNetwork: expected boolean, got "no"']],
    [containers('a', 'a'), ['.spec.containers: duplicate entries for key [name="a"]']],
    [spec({ volumes: [3] }), ['.spec.volumes: element 0: associative list with keys may not have non-map elements']],
    [spec({ terminationGracePeriodSeconds: '3' }), ['.spec.terminationGracePeriodSeconds: expected numeric (int or float), got string']],
    [spec({ tolerations: {}, nodeSelector: [] }), ['.spec.nodeSelector: expected map, got []', '.spec.tolerations: expected list, got {}']],
    [{ metadata: { finalizers: [{}] } }, ['.metadata.finalizers: element 0: associative list without keys has an element that is no scalar']],
  ])('says what is wrong: %j', (value, faults) => {
    expect(checkApplied(schema, value)).toEqual(faults);
  });
});
