import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStaticPod, StaticPodError } from './static-pod.ts';

const origin = { path: '/manifests/a', nodeName: 'n1', nowMs: 0 };

const read = (value: unknown): unknown => {
  try {
    return readStaticPod(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), origin).pod;
  } catch (error) {
    if (error instanceof StaticPodError) return error.message;
    throw error;
  }
};

const pod = (parts: object): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'main', image: 'i' }] }, ...parts });

describe('readStaticPod', () => {
  it('completes the pod as the apiserver would, and says where it is from', () => {
    expect(read(pod({ metadata: { name: 'a', labels: { x: 'y' }, resourceVersion: '7', ownerReferences: [] }, status: { phase: 'Running' } }))).toMatchObject({
      metadata: { name: 'a-n1', namespace: 'default', labels: { x: 'y' }, annotations: { 'kubernetes.io/config.source': 'file', 'kubernetes.io/config.seen': '1970-01-01T00:00:00Z' } },
      spec: { nodeName: 'n1', restartPolicy: 'Always', terminationGracePeriodSeconds: 30, tolerations: [{ operator: 'Exists', effect: 'NoExecute' }] },
      status: { phase: 'Pending' },
    });
  });

  it('cannot be told by its file that it is a mirror', () => {
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    expect(read(pod({ metadata: { name: 'a', annotations } }))).not.toHaveProperty(['metadata', 'annotations', 'kubernetes.io/config.mirror']);
  });

  it('throws nothing but StaticPodError, whatever a file holds', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    const close = fc.record({ metadata: fc.record({ name: json, uid: json, annotations: json }, { requiredKeys: [] }), spec: fc.oneof(json, fc.record({ containers: json, volumes: json, tolerations: json }, { requiredKeys: [] })) }, { requiredKeys: [] });
    fc.assert(fc.property(fc.oneof(fc.string(), json, close.map(pod)), (value) => void read(value)), { numRuns: 300 });
  });
});
