import { describe, expect, it } from 'vitest';
import type { Event, Namespace, Node, Pod } from '@podling/shared/api';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

const nodes = '/api/v1/nodes';
const labels = { app: 'web', rev: '7' };
const labelSelector = { matchLabels: { app: 'web' } };
const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' as const };
const merged = (operator: string) => ({ ...labelSelector, matchExpressions: [{ key: 'rev', operator, values: ['7'] }] });
const term = { topologyKey: 'zone', labelSelector };
const container = { name: 'main', image: 'x' };
const profileKey = 'container.apparmor.security.beta.kubernetes.io/main';

describe('the defaults of a new pod', () => {
  const server = useTestServer();
  let count = 0;
  const create = async (spec: object, metadata: object = {}) => {
    const name = `default-${(count += 1)}`;
    return server.send<Pod>('POST', `${pods}?dryRun=All`, { body: { metadata: { name, labels, ...metadata }, spec: { containers: [container], ...spec } } });
  };

  it.each<[string, object, object]>([
    ['requests for the pod, from its containers and its limits',
      { containers: [{ ...container, resources: { requests: { cpu: '1' } } }], resources: { limits: { cpu: '3', memory: '1Gi' } } },
      { resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '3', memory: '1Gi' } } }],
    ['limits of huge pages for the pod',
      { containers: [{ ...container, resources: { limits: { cpu: '1', 'hugepages-2Mi': '4Mi' } } }], resources: { limits: { cpu: '3', memory: '1Gi' } } },
      { resources: { requests: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '4Mi' }, limits: { cpu: '3', memory: '1Gi', 'hugepages-2Mi': '4Mi' } } }],
    ['nothing for a pod without resources of its own', { containers: [{ ...container, resources: { limits: { cpu: '1' } } }] }, {}],
    ['the labels that a constraint matches', { topologySpreadConstraints: [{ ...spread, labelSelector, matchLabelKeys: ['rev', 'none'] }] },
      { topologySpreadConstraints: [{ ...spread, matchLabelKeys: ['rev', 'none'], labelSelector: merged('In') }] }],
    ['the labels that an affinity matches and does not match',
      { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, matchLabelKeys: ['rev'] }] }, podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { ...term, mismatchLabelKeys: ['rev'] } }] } } },
      { affinity: {
        podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, matchLabelKeys: ['rev'], labelSelector: merged('In') }] },
        podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { ...term, mismatchLabelKeys: ['rev'], labelSelector: merged('NotIn') } }] },
      } }],
    ['no zero values', { hostNetwork: false, nodeName: '', containers: [{ ...container, tty: false, workingDir: '' }] }, { containers: [{ ...container, resources: {} }] }],
    ['amounts as they were sent', { containers: [{ ...container, resources: { limits: { cpu: '1E3', memory: '9223372036854775808' } } }] },
      { containers: [{ resources: { limits: { cpu: '1E3', memory: '9223372036854775808' }, requests: { cpu: '1E3', memory: '9223372036854775808' } } }] }],
  ])('has %s', async (_name, spec, expected) => {
    const { code, body } = await create(spec);
    expect(code, JSON.stringify(body)).toBe(201);
    expect(body.spec).toMatchObject(expected);
    expect(body.spec.resources).toEqual((expected as Partial<Pod['spec']>).resources);
    expect(JSON.stringify(body.spec)).not.toMatch(/false|:""/);
  });

  it.each<[string, string, object | undefined, object, object | undefined, boolean]>([
    ['adopts', 'runtime/default', undefined, {}, { type: 'RuntimeDefault' }, true],
    ['adopts', 'localhost/mine', undefined, {}, { type: 'Localhost', localhostProfile: 'mine' }, true],
    ['keeps the field beside', 'unconfined', { type: 'Unconfined' }, {}, { type: 'Unconfined' }, false],
    ['leaves to the pod', 'unconfined', undefined, { securityContext: { appArmorProfile: { type: 'Unconfined' } } }, undefined, false],
    ['passes over on Windows', 'unconfined', undefined, { os: { name: 'windows' } }, undefined, false],
  ])('%s the AppArmor annotation %s (%#)', async (_verb, annotation, own, spec, expected, warns) => {
    const containers = [own ? { ...container, securityContext: { appArmorProfile: own } } : container];
    const { body, headers } = await create({ ...spec, containers }, { annotations: { [profileKey]: annotation } });
    expect(body.spec.containers[0]?.securityContext?.appArmorProfile).toEqual(expected);
    const warning = `299 - "metadata.annotations[${profileKey}]: deprecated since v1.30; use the \\"appArmorProfile\\" field instead"`;
    expect(headers.get('warning')).toBe(warns ? warning : null);
  });

  it('warns of an AppArmor annotation that it cannot take, and refuses it', async () => {
    const { code, headers } = await create({}, { annotations: { [profileKey]: 'strange' } });
    expect([code, headers.get('warning')]).toEqual([422, expect.stringContaining('deprecated since v1.30')]);
  });
});

describe('the defaults of other objects', () => {
  const server = useTestServer();

  it('says null for times that are not known, in a read, a list and a watch', async () => {
    const body = { metadata: { name: 'timeless' }, involvedObject: { namespace: 'default' } };
    const path = '/api/v1/namespaces/default/events';
    await server.send('POST', path, { body });
    const times = { eventTime: null, firstTimestamp: null, lastTimestamp: null };
    expect((await server.send<Event>('GET', `${path}/timeless`)).body).toMatchObject(times);
    expect((await server.send<{ items: Event[] }>('GET', path)).body.items).toMatchObject([times]);
    const { body: events } = await server.send<unknown>('GET', `${path}?watch=true&resourceVersion=0&timeoutSeconds=1`);
    expect(JSON.stringify(events)).toMatch(/eventTime\\?":null/);
  });

  it('says null for the times of a condition of a gated pod', async () => {
    const gated = await server.createPod('gated', { spec: { ...podBody('x').spec, schedulingGates: [{ name: 'a' }] } });
    expect(gated.status?.conditions).toMatchObject([{ type: 'PodScheduled', lastProbeTime: null, lastTransitionTime: null }]);
  });

  it('taints a new node as not ready, once', async () => {
    const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
    const { body } = await server.send<Node>('POST', nodes, { body: { metadata: { name: 'new' } } });
    expect(body.spec?.taints).toEqual([notReady]);
    const own = { metadata: { name: 'tainted' }, spec: { taints: [{ ...notReady, value: 'x' }] } };
    expect((await server.send<Node>('POST', nodes, { body: own })).body.spec?.taints).toEqual(own.spec.taints);
    const untainted = await server.send<Node>('PATCH', `${nodes}/new`, { body: { spec: { taints: null } }, contentType: 'application/merge-patch+json' });
    expect(untainted.body.spec?.taints).toBeUndefined();
  });

  it('drops the source of a configuration from a node, which no kubelet reads any more', async () => {
    const configSource = { configMap: { namespace: 'a', name: 'b', kubeletConfigKey: 'c' } };
    const created = await server.send<Node>('POST', nodes, { body: { metadata: { name: 'sourced' }, spec: { configSource }, status: { config: {} } } });
    expect([created.code, created.body.spec?.configSource, created.body.status?.config, created.headers.get('warning')]).toEqual([201, undefined, undefined, null]);
    const patched = await server.send<Node>('PATCH', `${nodes}/sourced`, { body: { spec: { configSource } }, contentType: 'application/merge-patch+json' });
    expect([patched.code, patched.body.spec?.configSource]).toEqual([200, undefined]);
  });
});

describe('a write to the status of a pod', () => {
  const server = useTestServer();
  const patch = async (status: object) => server.send<Pod>('PATCH', `${pods}/reporting/status`, { body: { status }, contentType: 'application/merge-patch+json' });

  it('keeps podIP and podIPs in step', async () => {
    await server.createPod('reporting');
    expect((await patch({ podIP: '1.2.3.4' })).body.status).toMatchObject({ podIP: '1.2.3.4', podIPs: [{ ip: '1.2.3.4' }] });
    expect((await patch({ podIP: '1.2.3.5' })).body.status?.podIPs).toEqual([{ ip: '1.2.3.5' }]);
    expect((await patch({ podIP: null, podIPs: [{ ip: '1.2.3.6' }] })).body.status).toMatchObject({ podIP: '1.2.3.6', podIPs: [{ ip: '1.2.3.6' }] });
  });

  it('may not change the class of service, and may leave it out', async () => {
    const refused = await patch({ qosClass: 'Guaranteed' });
    expect([refused.code, refused.body]).toMatchObject([422, { details: { causes: [{ field: 'status.qosClass', message: 'Invalid value: "Guaranteed": field is immutable' }] } }]);
    expect((await patch({ qosClass: null })).body.status?.qosClass).toBe('BestEffort');
  });

  it('keeps the observed generations it does not know', async () => {
    const condition = { type: 'Ready', status: 'True' };
    await patch({ observedGeneration: 1, conditions: [{ ...condition, observedGeneration: 1 }] });
    const { body } = await patch({ observedGeneration: null, conditions: [condition] });
    expect(body.status).toMatchObject({ observedGeneration: 1, conditions: [{ type: 'Ready', observedGeneration: 1 }] });
  });
});

describe('an update', () => {
  const server = useTestServer();

  it('may change generateName', async () => {
    const pod = await server.createPod('named');
    const { body } = await server.send<Pod>('PUT', `${pods}/named`, { body: { ...pod, metadata: { ...pod.metadata, generateName: 'x-' } } });
    expect(body.metadata.generateName).toBe('x-');
  });

  it('of a namespace drops what says nothing', async () => {
    const { body } = await server.send<Namespace>('PATCH', '/api/v1/namespaces/default', { body: { metadata: { generateName: '' } }, contentType: 'application/merge-patch+json' });
    expect(Object.keys(body.metadata)).not.toContain('generateName');
  });
});
