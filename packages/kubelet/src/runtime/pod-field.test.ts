import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { metadataField } from './pod-field.ts';

const pod = podOf([{ name: 'web' }]);
pod.metadata.labels = { b: '2', a: '1', 'x.io/é': 'ü' };
pod.metadata.annotations = { odd: 'a "b"\\c\n\t\u0001\u007f\u200b' };

describe('metadataField', () => {
  it.each([
    ['metadata.name', 'web'],
    ['metadata.namespace', 'default'],
    ['metadata.uid', 'pod-uid'],
    ['metadata.labels', 'a="1"\nb="2"\nx.io/é="ü"'],
    ["metadata.labels['b']", '2'],
    ["metadata.labels['none']", ''],
    ["metadata.labels['constructor']", ''],
    ['metadata.annotations', 'odd="a \\"b\\"\\\\c\\n\\t\\x01\\x7f\\u200b"'],
  ])('gives %s', (path, value) => {
    expect(metadataField(pod, path)).toBe(value);
  });

  it('knows nothing but metadata', () => {
    expect(metadataField(pod, 'status.podIP')).toBeUndefined();
    expect(metadataField(pod, 'constructor')).toBeUndefined();
  });
});
