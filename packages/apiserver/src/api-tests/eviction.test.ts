import { describe, expect, it } from 'vitest';
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus, Status } from '@podling/shared/api';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const settled: PodDisruptionBudgetStatus = { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 };
const condition = (reason: string, message: string) => [{ type: 'DisruptionAllowed', status: 'False' as const, reason, message, lastTransitionTime: '2026-01-02T03:04:05Z' }];

describe('an eviction', () => {
  const server = useTestServer();
  let count = 0;

  const createPod = async (ready: boolean, phase = 'Running'): Promise<Pod> => {
    const name = `pod-${(count += 1)}`;
    const { spec } = podBody(name);
    await server.send('POST', pods, { body: podBody(name, { metadata: { name, labels: { app: name } }, spec: { ...spec, nodeName: 'node-1' } }) });
    const status = { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] };
    const { body } = await server.send<Pod>('PATCH', `${pods}/${name}/status`, { body: { status }, contentType: 'application/merge-patch+json' });
    return body;
  };

  const createBudget = async (app: string, status: Partial<PodDisruptionBudgetStatus> = {}, spec: PodDisruptionBudget['spec'] = {}, name = app): Promise<string> => {
    const { code, body } = await server.send<PodDisruptionBudget>('POST', budgets, { body: { metadata: { name }, spec: { minAvailable: 1, selector: { matchLabels: { app } }, ...spec } } });
    expect(code).toBe(201);
    const written = await server.send('PUT', `${budgets}/${name}/status`, { body: { ...body, status: { ...settled, ...status } } });
    expect(written.code).toBe(200);
    return `${budgets}/${name}`;
  };

  const evict = (name: string, parts: object = {}, query = '') =>
    server.send<Status>('POST', `${pods}/${name}/eviction${query}`, { body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...parts } });
  const podNow = async (name: string): Promise<Pod> => (await server.send<Pod>('GET', `${pods}/${name}`)).body;
  const isGoing = async (name: string): Promise<boolean> => (await podNow(name)).metadata.deletionTimestamp !== undefined;

  it('deletes a pod that no budget is for, and says in its status why', async () => {
    const { metadata: { name } } = await createPod(true);
    const { code, body } = await evict(name, { deleteOptions: { gracePeriodSeconds: 7 } });
    expect([code, body]).toEqual([201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }]);
    const pod = await podNow(name);
    expect(pod.metadata.deletionGracePeriodSeconds).toBe(7);
    expect(pod.status?.conditions).toContainEqual(expect.objectContaining({
      type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting',
    }));
  });

  it('takes one disruption off the budget, which then refuses the next', async () => {
    const { metadata: { name } } = await createPod(true);
    const budget = await createBudget(name);
    expect((await evict(name)).code).toBe(201);
    const { body: { status } } = await server.send<PodDisruptionBudget>('GET', budget);
    expect(status).toMatchObject({ disruptionsAllowed: 0, disruptedPods: { [name]: expect.any(String) as string } });
    expect(status?.conditions).toMatchObject([{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', observedGeneration: 1 }]);
  });

  it.each<[string, Partial<PodDisruptionBudgetStatus>, string, string | null]>([
    ['that needs all of them', { disruptionsAllowed: 0, currentHealthy: 1 }, 'needs 1 healthy pods and has 1 currently', null],
    ['that could not be counted', { disruptionsAllowed: 0, conditions: condition('SyncFailed', 'found no controllers for pod "a"') }, 'does not allow evicting pods currently because it failed sync: found no controllers for pod "a"', null],
    ['that allows none for another reason', { disruptionsAllowed: 0, conditions: condition('InsufficientPods', 'not now') }, 'does not allow evicting pods currently (InsufficientPods): not now', null],
    ['that allows none without a word', { disruptionsAllowed: 0 }, 'does not allow evicting pods currently', null],
    ['whose spec nobody has counted for', { observedGeneration: 0 }, 'is still being processed by the server.', '10'],
  ])('is refused by a budget %s', async (_what, status, why, retryAfter) => {
    const { metadata: { name } } = await createPod(true);
    await createBudget(name, status);
    const { code, body, headers } = await evict(name);
    expect([code, body.reason, body.message, headers.get('retry-after')]).toEqual([
      429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", retryAfter,
    ]);
    expect(body.details?.causes).toEqual([{ reason: 'DisruptionBudget', message: `The disruption budget ${name} ${why}` }]);
    expect(await isGoing(name)).toBe(false);
  });

  it('is refused where the controller lags too far behind', async () => {
    const { metadata: { name } } = await createPod(true);
    const disruptedPods = Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`gone-${index}`, '2026-01-02T03:04:05Z']));
    await createBudget(name, { disruptedPods });
    const { code, body } = await evict(name);
    expect([code, body.message]).toEqual([
      403, `poddisruptionbudget.policy "${name}" is forbidden: DisruptedPods map too big - too many evictions not confirmed by PDB controller`,
    ]);
  });

  it('knows no way with two budgets for one pod', async () => {
    const { metadata: { name } } = await createPod(true);
    await createBudget(name);
    await createBudget(name, {}, {}, `${name}-too`);
    const { code, body } = await evict(name);
    expect([code, body.message]).toEqual([500, 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.']);
  });

  it.each<[string, PodDisruptionBudget['spec'], Partial<PodDisruptionBudgetStatus>, number]>([
    ['while enough others are healthy', {}, { currentHealthy: 1 }, 201],
    ['not while others are missing too', {}, { currentHealthy: 0 }, 429],
    ['not by a budget of none', {}, { currentHealthy: 0, desiredHealthy: 0 }, 429],
    ['at any time, if so said', { unhealthyPodEvictionPolicy: 'AlwaysAllow' }, { currentHealthy: 0 }, 201],
  ])('takes a pod that is not ready %s, for free', async (_what, spec, status, expected) => {
    const { metadata: { name } } = await createPod(false);
    const budget = await createBudget(name, { disruptionsAllowed: 0, ...status }, spec);
    expect((await evict(name)).code).toBe(expected);
    expect((await server.send<PodDisruptionBudget>('GET', budget)).body.status?.disruptedPods).toBeUndefined();
    expect(await isGoing(name)).toBe(expected === 201);
  });

  it.each(['Pending', 'Succeeded', 'Failed'])('takes a pod that is %s whatever its budget says', async (phase) => {
    const { metadata: { name } } = await createPod(true, phase);
    await createBudget(name, { disruptionsAllowed: 0 });
    expect((await evict(name)).code).toBe(201);
    if (phase === 'Pending') expect(await isGoing(name)).toBe(true);
    else expect((await server.send('GET', `${pods}/${name}`)).code).toBe(404);
  });

  it('asks no budget for a pod that goes already', async () => {
    const { metadata: { name } } = await createPod(true);
    await createBudget(name, { disruptionsAllowed: 0 });
    await server.send('DELETE', `${pods}/${name}`);
    expect((await evict(name, { deleteOptions: { gracePeriodSeconds: 1 } })).code).toBe(201);
    expect((await podNow(name)).metadata.deletionGracePeriodSeconds).toBe(1);
  });

  it.each<[string, object, string]>([
    ['in the query', {}, '?dryRun=All'],
    ['in the options', { deleteOptions: { dryRun: ['All'] } }, ''],
  ])('changes nothing in a dry run, said %s, but answers what it would', async (_where, parts, query) => {
    const { metadata: { name } } = await createPod(true);
    const budget = await createBudget(name);
    for (let round = 0; round < 2; round += 1) expect((await evict(name, parts, query)).code).toBe(201);
    expect((await server.send<PodDisruptionBudget>('GET', budget)).body.status).toMatchObject({ disruptionsAllowed: 1 });
    expect((await podNow(name)).status?.conditions).toHaveLength(1);
    expect(await isGoing(name)).toBe(false);
    await createBudget(name, {}, {}, `${name}-too`);
    expect((await evict(name, parts, query)).code).toBe(500);
  });

  it('is of the pod that was meant', async () => {
    const { metadata: { name, uid, resourceVersion } } = await createPod(true);
    const other = await evict(name, { deleteOptions: { preconditions: { uid: 'another' } } });
    expect([other.code, other.body.message]).toEqual([
      409, `Operation cannot be fulfilled on Pod "${name}": the UID in the precondition (another) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    ]);
    expect((await evict(name, { deleteOptions: { preconditions: { resourceVersion: '1' } } })).code).toBe(409);
    expect((await podNow(name)).status?.conditions).toHaveLength(1);
    expect((await evict(name, { deleteOptions: { preconditions: { uid, resourceVersion } } })).code).toBe(201);
    expect(await isGoing(name)).toBe(true);
  });

  it('leaves a pod that waits for a finalizer marked', async () => {
    const { metadata: { name } } = await createPod(true, 'Succeeded');
    await server.send('PATCH', `${pods}/${name}`, { body: { metadata: { finalizers: ['example.com/hold'] } }, contentType: 'application/merge-patch+json' });
    expect((await evict(name)).code).toBe(201);
    expect(await isGoing(name)).toBe(true);
  });

  it.each<[string, object, number, string]>([
    ['another name', { metadata: { name: 'other' } }, 400, 'name in URL does not match name in Eviction object'],
    ['an older version', { apiVersion: 'policy/v1beta1' }, 400, 'Eviction in version "v1beta1" cannot be handled as a Eviction: no kind "Eviction" is registered for version "policy/v1beta1"'],
    ['a grace without a date', { deleteOptions: { gracePeriodSeconds: 2 ** 40 } }, 422, 'DeleteOptions.meta.k8s.io "" is invalid: gracePeriodSeconds: Invalid value: 1099511627776: must be less than or equal to 2147483647'],
    ['an unsafe delete', { deleteOptions: { ignoreStoreReadErrorWithClusterBreakingPotential: true } }, 422, 'Eviction.policy "bad-input" is invalid: deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential: Invalid value: true: can not be set for pod eviction, try after removing the option'],
    ['a pod that is not there', {}, 404, 'pods "bad-input" not found'],
  ])('is refused with %s', async (_what, parts, expected, message) => {
    const { code, body } = await evict('bad-input', parts);
    expect([code, body.message]).toEqual([expected, message]);
  });

  it('comes once out of many at the same time', async () => {
    const names = await Promise.all(Array.from({ length: 6 }, async () => (await createPod(true)).metadata.name));
    await Promise.all(names.map((name) => server.send('PATCH', `${pods}/${name}`, { body: { metadata: { labels: { app: 'crowd' } } }, contentType: 'application/merge-patch+json' })));
    await createBudget('crowd', { disruptionsAllowed: 2, currentHealthy: 6, desiredHealthy: 4, expectedPods: 6 });
    const codes = (await Promise.all(names.map((name) => evict(name)))).map(({ code }) => code);
    expect(codes.toSorted((a, b) => a - b)).toEqual([201, 201, 429, 429, 429, 429]);
  });
});
