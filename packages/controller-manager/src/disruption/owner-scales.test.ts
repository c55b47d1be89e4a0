import { newNotFound, newStatusError } from '@podling/shared/api';
import type { RequestOptions, RestClient } from '@podling/shared/client';
import { describe, expect, it } from 'vitest';
import { ownerScales } from './owner-scales.ts';

const missing = newNotFound({ group: '', resource: '' }, '');
const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'front', uid: 'front-uid' };
const apps = { resources: [{ name: 'replicasets', kind: 'ReplicaSet' }, { name: 'replicasets/scale', kind: 'Scale' }, { name: 'daemonsets', kind: 'DaemonSet' }] };
const scalePath = '/apis/apps/v1/namespaces/default/replicasets/front/scale';

/** The scales of a server that answers these paths, and no other. */
function serving(answers: Record<string, unknown>) {
  const request = async ({ path }: RequestOptions): Promise<unknown> => {
    const answer = answers[path] ?? missing;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return ownerScales({ rest: { request } as unknown as RestClient });
}

describe('the scale of an owner', () => {
  it('is what its subresource says', async () => {
    const scales = serving({ '/apis/apps/v1': apps, [scalePath]: { metadata: { uid: 'front-uid' }, spec: { replicas: 3 } } });
    expect(await scales.scaleOf(owner, 'default')).toBe(3);
  });

  it('is 0 where none is said', async () => {
    expect(await serving({ '/apis/apps/v1': apps, [scalePath]: { metadata: { uid: 'front-uid' } } }).scaleOf(owner, 'default')).toBe(0);
  });

  it.each([['is gone', {}], ['is another of its name', { [scalePath]: { metadata: { uid: 'new' }, spec: { replicas: 3 } } }]])('is none where the owner %s', async (_what, answers) => {
    expect(await serving({ '/apis/apps/v1': apps, ...answers }).scaleOf(owner, 'default')).toBeUndefined();
  });

  it.each([
    ['a group that is not served', owner, {}, 'no matches for kind "ReplicaSet" in version "apps/v1"'],
    ['a kind that is not served', { ...owner, kind: 'Job' }, { '/apis/apps/v1': apps }, 'no matches for kind "Job" in version "apps/v1"'],
    ['a kind without a scale', { ...owner, kind: 'DaemonSet' }, { '/apis/apps/v1': apps }, 'daemonsets.apps does not implement the scale subresource'],
    ['a node', { ...owner, apiVersion: 'v1', kind: 'Node' }, { '/api/v1': { resources: [{ name: 'nodes', kind: 'Node' }] } }, 'nodes does not implement the scale subresource'],
    ['an answer that failed', owner, { '/apis/apps/v1': newStatusError({ code: 503, reason: 'ServiceUnavailable', message: 'away' }) }, 'away'],
  ])('is not known of %s', async (_what, reference, answers, message) => {
    await expect(serving(answers).scaleOf(reference, 'default')).rejects.toThrow(message);
  });
});
