import { describe, expect, it } from 'vitest';
import type { KubeList, Pod, PriorityClass, Status } from '@podling/shared/api';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';
const merge = 'application/merge-patch+json';

describe('priority classes', () => {
  const server = useTestServer();
  const create = (name: string, value: number, parts: Partial<PriorityClass> = {}) =>
    server.send<PriorityClass & Status>('POST', classes, { body: { metadata: { name }, value, ...parts } });
  const createPod = (name: string, spec: Partial<Pod['spec']> = {}) =>
    server.send<Pod & Status>('POST', pods, { body: podBody(name, { spec: { ...podBody(name).spec, ...spec } }) });

  it('of the system are there from the start', async () => {
    const { body } = await server.send<KubeList<PriorityClass>>('GET', classes);
    expect(body.items.map(({ metadata, value, preemptionPolicy }) => [metadata.name, value, preemptionPolicy])).toEqual([
      ['system-cluster-critical', 2_000_000_000, 'PreemptLowerPriority'], ['system-node-critical', 2_000_001_000, 'PreemptLowerPriority'],
    ]);
  });

  it.each<[string, string, number, Partial<PriorityClass>, string]>([
    ['a value that only the system may have', 'high', 1_000_000_001, {}, 'value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    ['a name of the system', 'system-mine', 1, {}, "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class"],
    ['an unknown policy', 'odd', 1, { preemptionPolicy: 'Sometimes' as 'Never' }, 'preemptionPolicy: Unsupported value: "Sometimes": supported values: "PreemptLowerPriority", "Never"'],
  ])('may not have %s', async (_what, name, value, parts, message) => {
    const { code, body } = await create(name, value, parts);
    expect([code, body.message]).toEqual([422, `PriorityClass.scheduling.k8s.io "${name}" is invalid: ${message}`]);
  });

  it('keep value and policy', async () => {
    await create('fixed', 5);
    const { code, body } = await server.send<Status>('PATCH', `${classes}/fixed`, { body: { value: 6, preemptionPolicy: 'Never' }, contentType: merge });
    expect([code, body.details?.causes?.map(({ field }) => field)]).toEqual([422, ['value', 'preemptionPolicy']]);
    expect((await server.send('PATCH', `${classes}/fixed`, { body: { description: 'new' }, contentType: merge })).code).toBe(200);
  });

  it('give pods their priority, and refuse what they do not know', async () => {
    await create('gentle', 7, { preemptionPolicy: 'Never' });
    const { body } = await createPod('ranked', { priorityClassName: 'gentle' });
    expect([body.spec.priority, body.spec.preemptionPolicy]).toEqual([7, 'Never']);
    const unknown = await createPod('unranked', { priorityClassName: 'none' });
    expect([unknown.code, unknown.body.message]).toEqual([403, 'pods "unranked" is forbidden: no PriorityClass with name none was found']);
    const own = await createPod('own', { priorityClassName: 'gentle', priority: 8 });
    expect([own.code, own.body.message]).toEqual([
      403, 'pods "own" is forbidden: the integer value of priority (8) must not be provided in pod spec; priority admission controller computed 7 from the given PriorityClass name',
    ]);
    const plain = await createPod('plain');
    expect([plain.body.spec.priority, plain.body.spec.preemptionPolicy, plain.body.spec.priorityClassName]).toEqual([0, 'PreemptLowerPriority', undefined]);
    const kept = await server.send<Pod>('PUT', `${pods}/ranked`, { body: { ...podBody('ranked'), spec: { ...podBody('ranked').spec, priorityClassName: 'gentle' } } });
    expect([kept.code, kept.body.spec?.priority]).toEqual([200, 7]);
  });

  it('are default for one class at most', async () => {
    await create('usual', 9, { globalDefault: true });
    const { code, body } = await create('second', 1, { globalDefault: true });
    expect([code, body.message]).toEqual([
      403, 'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    ]);
    expect((await server.send('PATCH', `${classes}/usual`, { body: { description: 'still' }, contentType: merge })).code).toBe(200);
    await expect.poll(async () => (await createPod(`plain-${Date.now()}`)).body.spec.priority).toBe(9);
    await server.send('DELETE', `${classes}/usual`);
  });
});
