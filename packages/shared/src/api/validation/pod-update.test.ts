import { describe, expect, it } from 'vitest';
import type { Pod, PodSpec } from '../index.ts';
import { podKind } from '../scheme.ts';

const previous = podKind.applyDefaults({
  metadata: { name: 'web', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-02T03:04:05Z', resourceVersion: '1' },
  spec: { containers: [{ name: 'c', image: 'a:1' }], tolerations: [{ key: 'a', operator: 'Exists' }], activeDeadlineSeconds: 10, nodeName: 'n' },
});
/** Metadata is looked at by more than one rule, as in Kubernetes: each violation once is enough here. */
const errorsOf = (next: Pod, before = previous) => [...new Set(podKind.validateUpdate(next, before).map(({ field, message }) => `${field}: ${message}`))];
const withSpec = (spec: Partial<PodSpec>): Pod => ({ ...previous, spec: { ...previous.spec, ...spec } });
const withMeta = (metadata: object): Pod => ({ ...previous, metadata: { ...previous.metadata, ...metadata } });

describe('pod update', () => {
  it.each<[string, Pod]>([
    ['nothing', previous],
    ['an image', withSpec({ containers: previous.spec.containers.map((container) => ({ ...container, image: 'a:2' })) })],
    ['a shorter deadline', withSpec({ activeDeadlineSeconds: 5 })],
    ['one more toleration', withSpec({ tolerations: [{ key: 'b', operator: 'Exists' }, { key: 'a', operator: 'Exists', tolerationSeconds: 3, effect: 'NoExecute' }, { key: 'a', operator: 'Exists' }] })],
    ['labels, annotations, finalizers', withMeta({ labels: { a: 'b' }, annotations: { a: 'b' }, finalizers: ['a.com/b'] })],
    ['the server fields left out', withMeta({ uid: undefined, creationTimestamp: undefined })],
  ])('may change %s', (_what, next) => {
    expect(errorsOf(next)).toEqual([]);
  });

  const frozen =
    'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

  it.each<[string, Pod, string[]]>([
    ['the node', withSpec({ nodeName: 'other' }), [`spec: ${frozen}\nchanged: spec.nodeName`]],
    ['a command', withSpec({ containers: previous.spec.containers.map((container) => ({ ...container, command: ['x'] })) }), [`spec: ${frozen}\nchanged: spec.containers`]],
    ['the number of containers', withSpec({ containers: previous.spec.containers.flatMap((container) => [container, { ...container, name: 'd' }]) }), ['spec.containers: Forbidden: pod updates may not add or remove containers']],
    ['a deadline to more', withSpec({ activeDeadlineSeconds: 11 }), ['spec.activeDeadlineSeconds: Invalid value: 11: must be less than or equal to previous value']],
    ['a toleration away', withSpec({ tolerations: [] }), ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds']],
    ['a scheduling gate in', withSpec({ schedulingGates: [{ name: 'g' }] }), ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'"]],
    ['the name', withMeta({ name: 'other' }), ['metadata.name: Invalid value: "other": field is immutable']],
    ['the namespace', withMeta({ namespace: 'other' }), ['metadata.namespace: Invalid value: "other": field is immutable']],
    ['the uid', withMeta({ uid: 'v' }), ['metadata.uid: Invalid value: "v": field is immutable']],
    ['its birth', withMeta({ creationTimestamp: '2027-01-02T03:04:05Z' }), ['metadata.creationTimestamp: Invalid value: "2027-01-02T03:04:05Z": field is immutable']],
    ['its end', withMeta({ deletionTimestamp: '2027-01-02T03:04:05Z' }), ['metadata.deletionTimestamp: Invalid value: "2027-01-02T03:04:05Z": field is immutable']],
  ])('may not change %s', (_what, next, errors) => {
    expect(errorsOf(next)).toEqual(errors);
  });

  it('takes no new finalizer once the pod is being deleted', () => {
    const dying = withMeta({ deletionTimestamp: '2026-01-02T03:04:05Z', finalizers: ['a.com/a'] });
    const next = { ...dying, metadata: { ...dying.metadata, finalizers: ['a.com/b'] } };
    expect(errorsOf(next, dying)).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.com/b"}',
    ]);
  });

  it('takes away scheduling gates', () => {
    expect(errorsOf(withSpec({ schedulingGates: [] }), withSpec({ schedulingGates: [{ name: 'g' }] }))).toEqual([]);
  });

  it('keeps the QoS class', () => {
    const before: Pod = { ...previous, status: { qosClass: 'BestEffort' } };
    const next: Pod = { ...previous, status: { qosClass: 'Burstable' } };
    expect(podKind.validateStatusUpdate(next, before).map(({ field }) => field)).toEqual(['status.qosClass']);
    expect(podKind.validateStatusUpdate(before, before)).toEqual([]);
  });
});
