import { describe, expect, it } from 'vitest';
import type { PodDisruptionBudget, Status } from '@podling/shared/api';
import { useTestServer } from '../testing/test-server.ts';

const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const selector = { matchLabels: { app: 'web' } };

describe('pod disruption budgets', () => {
  const server = useTestServer();
  type Answer = PodDisruptionBudget & Status;
  const create = (name: string, spec: object, parts: object = {}) => server.send<Answer>('POST', budgets, { body: { metadata: { name }, spec, ...parts } });

  it.each<[string, object, string[]]>([
    ['both limits', { minAvailable: 1, maxUnavailable: 1 }, ['spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set']],
    ['a negative limit', { minAvailable: -1 }, ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0']],
    ['a limit that is no share', { maxUnavailable: 'half' }, [
      "spec.maxUnavailable: Invalid value: \"half\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ]],
    ['more than all', { minAvailable: '101%' }, ['spec.minAvailable: Invalid value: "101%": must not be greater than 100%']],
    ['a label that is none', { selector: { matchLabels: { 'a/b/c': '' } } }, [expect.stringContaining('spec.selector.matchLabels') as string]],
    ['an operator that is none', { selector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } }, ['spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator']],
    ['a policy that is none', { unhealthyPodEvictionPolicy: 'Never' }, ['spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"']],
  ])('are refused with %s', async (_what, spec, messages) => {
    const { code, body } = await create('refused', spec);
    expect([code, body.details?.causes?.map(({ field, message }) => `${field}: ${message}`)]).toEqual([422, messages]);
  });

  it('begin with no status and the first generation', async () => {
    const { code, body } = await create('new', { minAvailable: '50%', selector }, { status: { disruptionsAllowed: 7 } });
    expect([code, body.metadata.generation, body.status]).toEqual([201, 1, { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }]);
  });

  it('count the generations of their spec, which their status does not touch', async () => {
    const { body } = await create('counted', { minAvailable: 0, selector });
    const status = { observedGeneration: 1, disruptionsAllowed: 3, currentHealthy: 4, desiredHealthy: 1, expectedPods: 4 };
    const counted = await server.send<Answer>('PUT', `${budgets}/counted/status`, { body: { ...body, spec: { minAvailable: 2 }, status } });
    expect([counted.body.spec, counted.body.status, counted.body.metadata.generation]).toEqual([body.spec, status, 1]);
    const changed = await server.send<Answer>('PUT', `${budgets}/counted`, { body: { ...counted.body, spec: { maxUnavailable: '10%', selector }, status: {} } });
    expect([changed.body.spec, changed.body.status, changed.body.metadata.generation]).toEqual([{ maxUnavailable: '10%', selector }, status, 2]);
  });

  it('are updated only by who has read them', async () => {
    await create('read', { minAvailable: 1 });
    expect((await server.send('PUT', `${budgets}/read`, { body: { metadata: { name: 'read' }, spec: { minAvailable: 2 } } })).code).toBe(422);
  });

  it('refuse a status with negative counts and torn conditions', async () => {
    const { body } = await create('torn', { minAvailable: 1 });
    const conditions = [{ type: 'A', status: 'Maybe', reason: '!', message: '' }, { type: 'A', status: 'True', reason: 'B', message: '', lastTransitionTime: '2026-01-02T03:04:05Z' }];
    const status = { disruptionsAllowed: -1, currentHealthy: -1, desiredHealthy: -1, expectedPods: -1, conditions };
    const answer = await server.send<Status>('PUT', `${budgets}/torn/status`, { body: { ...body, status } });
    expect([answer.code, answer.body.details?.causes?.map(({ field }) => field).toSorted()]).toEqual([422, [
      'status.conditions[0].lastTransitionTime', 'status.conditions[0].reason', 'status.conditions[0].status', 'status.conditions[1].type',
      'status.currentHealthy', 'status.desiredHealthy', 'status.disruptionsAllowed', 'status.expectedPods',
    ]]);
  });

  it('have their selector replaced as a whole by a strategic merge patch', async () => {
    await create('patched', { minAvailable: 1, selector: { matchLabels: { app: 'web', tier: 'front' } } });
    const { body } = await server.send<Answer>('PATCH', `${budgets}/patched`, { body: { spec: { selector } }, contentType: 'application/strategic-merge-patch+json' });
    expect(body.spec).toEqual({ minAvailable: 1, selector });
  });

  it('are selected by labels and by name', async () => {
    await server.send('POST', budgets, { body: { metadata: { name: 'labelled', labels: { team: 'a' } }, spec: {} } });
    for (const query of ['labelSelector=team%3Da', 'fieldSelector=metadata.name%3Dlabelled']) {
      const { body } = await server.send<{ items: PodDisruptionBudget[] }>('GET', `${budgets}?${query}`);
      expect(body.items.map(({ metadata }) => metadata.name)).toEqual(['labelled']);
    }
    expect((await server.send('GET', `${budgets}?fieldSelector=spec.minAvailable%3D1`)).code).toBe(400);
  });
});
