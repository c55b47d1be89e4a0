import { describe, expect, it } from 'vitest';
import type { Node } from './index.ts';
import { ApiStatusError, newInvalid } from './errors.ts';
import { apiVersionOf, kindFor, kinds, leaseKind, namespaceKind, nodeKind, podKind } from './scheme.ts';

describe('scheme', () => {
  it.each(kinds.map((info) => [info.kind, info] as const))('finds %s by its kind', (_kind, info) => {
    expect(kindFor(apiVersionOf(info), info.kind)).toBe(info);
  });

  it('knows no more than its list', () => {
    expect(kindFor('v1', 'Lease')).toBeUndefined();
    expect(kindFor('v2', 'Pod')).toBeUndefined();
    expect(leaseKind.group).toBe('coordination.k8s.io');
  });

  it('answers a body of the wrong shape with 400 and the field', () => {
    const error = (() => {
      try {
        podKind.decode({ spec: { containers: [{ ports: [{ containerPort: 'x' }] }] } });
        return undefined;
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(ApiStatusError);
    expect((error as ApiStatusError).status).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message: 'Pod in version "v1" cannot be handled as a Pod: spec.containers[0].ports[0].containerPort: expected integer, got string',
    });
  });

  it('reports every violation of a pod at once', () => {
    const body = {
      metadata: { name: 'Bad_Name', namespace: 'default' },
      spec: {
        restartPolicy: 'Sometimes',
        containers: [
          { name: 'c' },
          {
            name: 'c', image: 'x', ports: [{ containerPort: -1 }], volumeMounts: [{ name: 'nope', mountPath: '/a' }],
            resources: { limits: { memory: '-1' } },
          },
        ],
      },
    };
    const pod = podKind.applyDefaults(podKind.decode(body).object);
    const { status } = newInvalid(podKind, pod.metadata.name, podKind.validateCreate(pod));
    expect(status.details?.causes?.map(({ field, reason }) => [field, reason])).toEqual([
      ['metadata.name', 'FieldValueInvalid'],
      ['spec.containers[0].image', 'FieldValueRequired'],
      ['spec.containers[1].ports[0].containerPort', 'FieldValueInvalid'],
      ['spec.containers[1].volumeMounts[0].name', 'FieldValueNotFound'],
      ['spec.containers[1].resources.limits[memory]', 'FieldValueInvalid'],
      ['spec.containers[1].resources.requests[memory]', 'FieldValueInvalid'],
      ['spec.containers[1].name', 'FieldValueDuplicate'],
      ['spec.restartPolicy', 'FieldValueNotSupported'],
    ]);
    expect(status.message).toContain('spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"');
    expect(status.message).toContain('spec.containers[1].volumeMounts[0].name: Not found: "nope"');
  });

  it('labels a namespace with its name', () => {
    const namespace = namespaceKind.applyDefaults(namespaceKind.decode({ metadata: { name: 'a' } }).object);
    expect(namespace).toMatchObject({ metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } }, status: { phase: 'Active' } });
  });

  it('lets a node hand out all it has unless it says less', () => {
    const node: Node = { metadata: { name: 'n' }, status: { capacity: { cpu: '2' } } };
    expect(nodeKind.applyDefaults(node).status?.allocatable).toEqual({ cpu: '2' });
  });

  it('refuses quantities that are none wherever they stand', () => {
    const pod = { metadata: { name: 'a', namespace: 'b' }, spec: { containers: [] }, status: { allocatedResources: { cpu: 'x' } } };
    expect(() => podKind.decode(pod)).toThrow('quantities must match the regular expression');
  });
});
