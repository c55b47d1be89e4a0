import { describe, expect, it } from 'vitest';
import type { FieldError, Event, Node, ObjectMeta } from '../index.ts';
import { bindingKind, eventKind, leaseKind, namespaceKind, nodeKind } from '../scheme.ts';

const texts = (errors: FieldError[]) => errors.map(({ field, message }) => `${field}: ${message}`);

describe('metadata validation', () => {
  const errorsOf = (metadata: Partial<ObjectMeta>) => texts(leaseKind.validateCreate({ metadata: { name: 'a', namespace: 'default', ...metadata } }));

  it.each<[string, Partial<ObjectMeta>, string]>([
    ['no name', { name: '' }, 'metadata.name: Required value: name or generateName is required'],
    ['no namespace', { namespace: '' }, 'metadata.namespace: Required value'],
    ['a bad namespace', { namespace: 'a.b' }, 'metadata.namespace: Invalid value: "a.b": must not contain dots'],
    ['big annotations', { annotations: { a: 'x'.repeat(262_144) } }, 'metadata.annotations: Too long: may not be more than 262144 bytes'],
    ['an owner without uid', { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a', uid: '' }] }, 'metadata.ownerReferences.uid: Invalid value: "": must not be empty'],
    ['a negative generation', { generation: -1 }, 'metadata.generation: Invalid value: -1: must be greater than or equal to 0'],
  ])('refuses %s', (_what, metadata, error) => {
    expect(errorsOf(metadata)).toEqual([error]);
  });

  it.each<[string, Partial<ObjectMeta>, string]>([
    ['label key', { labels: { 'a b': 'c' } }, 'metadata.labels: Invalid value: "a b": name part must consist'],
    ['label value', { labels: { a: '-' } }, 'metadata.labels: Invalid value: "-": a valid label must be'],
    ['annotation key', { annotations: { '-': 'c' } }, 'metadata.annotations: Invalid value: "-": name part must consist'],
    ['finalizer', { finalizers: ['-'] }, 'metadata.finalizers: Invalid value: "-": name part must consist'],
    ['prefix of a generated name', { generateName: 'A_-' }, 'metadata.generateName: Invalid value: "A_-": a lowercase RFC 1123 subdomain'],
  ])('refuses a bad %s', (_what, metadata, start) => {
    expect(errorsOf(metadata)).toEqual([expect.stringContaining(start)]);
  });

  it('lets only one owner be the controller', () => {
    const owner = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', name, uid: name, controller: true });
    expect(errorsOf({ ownerReferences: [owner('a'), owner('b')] })).toEqual([
      expect.stringContaining('Found "true" in references for Pod/a and Pod/b'),
    ]);
    expect(errorsOf({ ownerReferences: [owner('a')] })).toEqual([]);
  });

  it('takes a prefix that ends in a hyphen, and annotation keys in capitals', () => {
    expect(errorsOf({ generateName: 'web-', annotations: { 'Example.COM/Key': 'any thing' } })).toEqual([]);
  });
});

describe('node validation', () => {
  const node = (given: Omit<Node, 'metadata'>): Node => ({ metadata: { name: 'node-1' }, ...given });

  it('refuses a namespace, bad taints, CIDRs and amounts', () => {
    const bad: Node = {
      metadata: { name: 'node-1', namespace: 'x' },
      spec: { podCIDRs: ['10.0.0.0/33'], taints: [{ key: 'a', effect: 'NoSchedule' }, { key: 'a', effect: 'NoSchedule' }, { key: '', effect: 'NoExecute' }] },
      status: { capacity: { cpu: '-1', pods: '1.5' } },
    };
    expect(texts(nodeKind.validateCreate(bad))).toEqual([
      'metadata.namespace: Forbidden: not allowed on this type',
      'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
      'metadata.taints[2].key: Invalid value: "": name part must be non-empty',
      expect.stringContaining('metadata.taints[2].key: Invalid value: "": name part must consist of'),
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'status.capacity.pods: Invalid value: "1.5": must be an integer',
      'spec.podCIDRs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ]);
  });

  it('keeps podCIDRs and providerID once they are set', () => {
    const before = node({ spec: { podCIDRs: ['10.0.0.0/24'], providerID: 'a' } });
    expect(texts(nodeKind.validateUpdate(node({ spec: { podCIDRs: ['10.0.1.0/24'], providerID: 'b' } }), before))).toEqual([
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ]);
    expect(nodeKind.validateUpdate(before, node({}))).toEqual([]);
  });

  it('lets one taint key have several effects', () => {
    const taints = (['NoSchedule', 'NoExecute'] as const).map((effect) => ({ key: 'a.com/b', value: 'c', effect }));
    expect(nodeKind.validateCreate(node({ spec: { taints, unschedulable: true, podCIDRs: ['10.0.0.0/24', 'fd00::/64'] } }))).toEqual([]);
  });
});

describe('event validation', () => {
  const event = (given: Partial<Event>): Event => ({ metadata: { name: 'a', namespace: 'default' }, involvedObject: { namespace: 'default' }, ...given });

  it('puts an event beside its subject', () => {
    expect(eventKind.validateCreate(event({}))).toEqual([]);
    expect(eventKind.validateCreate(event({ involvedObject: { kind: 'Node' } }))).toEqual([]);
    expect(texts(eventKind.validateCreate(event({ involvedObject: { namespace: 'other' } })))).toEqual([
      'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ]);
  });

  it('asks an event with eventTime who reports what', () => {
    const eventTime = '2026-01-02T03:04:05.000000Z';
    expect(texts(eventKind.validateCreate(event({ eventTime, message: 'x'.repeat(1025) })))).toEqual([
      'reportingComponent: Required value', 'reportingComponent: Invalid value: "": name part must be non-empty',
      expect.stringContaining('reportingComponent: Invalid value: "": name part must consist of'), 'reportingInstance: Required value', 'action: Required value', 'reason: Required value',
      'message: Invalid value: "": can have at most 1024 characters',
    ]);
    const whole = { eventTime, reportingComponent: 'podling/kubelet', reportingInstance: 'node-1', action: 'Start', reason: 'Started' };
    expect(eventKind.validateCreate(event(whole))).toEqual([]);
  });
});

describe('lease validation', () => {
  it('wants a duration above 0', () => {
    const lease = { metadata: { name: 'a', namespace: 'b' }, spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } };
    expect(texts(leaseKind.validateCreate(lease))).toEqual([
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ]);
    expect(texts(leaseKind.validateUpdate(lease, lease))).toHaveLength(2);
  });
});

describe('namespace validation', () => {
  it('takes a DNS label for a name', () => {
    expect(namespaceKind.validateCreate({ metadata: { name: 'kube-system' } })).toEqual([]);
    expect(texts(namespaceKind.validateCreate({ metadata: { name: 'a.b' } }))).toEqual(['metadata.name: Invalid value: "a.b": must not contain dots']);
  });
});

describe('binding validation', () => {
  it('wants the name of a node', () => {
    expect(bindingKind.validateCreate({ metadata: { name: 'a' }, target: { kind: 'Node', name: 'n' } })).toEqual([]);
    expect(texts(bindingKind.validateCreate({ metadata: { name: 'a' }, target: { kind: 'Pod' } }))).toEqual([
      'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
      'target.name: Required value',
    ]);
  });
});
