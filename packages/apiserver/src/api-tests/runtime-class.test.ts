import { describe, expect, it } from 'vitest';
import type { Pod, RuntimeClass, Status } from '@podling/shared/api';
import { podBody, pods, useTestServer } from '../testing/test-server.ts';

const classes = '/apis/node.k8s.io/v1/runtimeclasses';

describe('runtime classes', () => {
  const server = useTestServer();
  const create = (name: string, parts: Partial<RuntimeClass>) => server.send<RuntimeClass & Status>('POST', classes, { body: { metadata: { name }, ...parts } });
  const createPod = (name: string, spec: Partial<Pod['spec']>) =>
    server.send<Pod & Status>('POST', pods, { body: podBody(name, { spec: { ...podBody(name).spec, ...spec } }) });

  it.each<[string, Partial<RuntimeClass>, string[]]>([
    ['no handler', {}, ['handler']],
    ['a handler that is no label', { handler: 'Kata_VM' }, ['handler']],
    ['a negative overhead', { handler: 'kata', overhead: { podFixed: { cpu: '-1' } } }, ['overhead.limits[cpu]']],
    ['a toleration twice', { handler: 'kata', scheduling: { tolerations: [{ key: 'a', operator: 'Exists' }, { key: 'a', operator: 'Exists' }] } }, ['scheduling.tolerations[1]']],
    ['a label that is none', { handler: 'kata', scheduling: { nodeSelector: { 'a/b/c': '' } } }, ['scheduling.nodeSelector']],
  ])('are refused with %s', async (_what, parts, fields) => {
    const { code, body } = await create('refused', parts);
    expect([code, body.details?.causes?.map(({ field }) => field)]).toEqual([422, fields]);
  });

  it('keep their handler, and are updated only by who has read them', async () => {
    const { body } = await create('fixed', { handler: 'kata' });
    const changed = await server.send<Status>('PUT', `${classes}/fixed`, { body: { ...body, handler: 'other' } });
    expect([changed.code, changed.body.details?.causes?.map(({ field }) => field)]).toEqual([422, ['handler']]);
    expect((await server.send('PUT', `${classes}/fixed`, { body: { metadata: { name: 'fixed' }, handler: 'kata' } })).code).toBe(422);
  });

  it('lay their overhead and their nodes on pods', async () => {
    await create('heavy', {
      handler: 'kata', overhead: { podFixed: { cpu: '100m' } },
      scheduling: { nodeSelector: { vm: 'yes' }, tolerations: [{ key: 'vm', operator: 'Exists', effect: 'NoSchedule' }] },
    });
    const { body } = await createPod('inside', { runtimeClassName: 'heavy', nodeSelector: { disk: 'ssd' } });
    expect([body.spec.overhead, body.spec.nodeSelector]).toEqual([{ cpu: '100m' }, { disk: 'ssd', vm: 'yes' }]);
    expect(body.spec.tolerations).toContainEqual({ key: 'vm', operator: 'Exists', effect: 'NoSchedule' });
    const clash = await createPod('clash', { runtimeClassName: 'heavy', nodeSelector: { vm: 'no' } });
    expect([clash.code, clash.body.message]).toEqual([
      403, 'pods "clash" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no',
    ]);
    const other = await createPod('other', { runtimeClassName: 'heavy', overhead: { cpu: '1' } });
    expect([other.code, other.body.message]).toEqual([403, 'pods "other" is forbidden: pod rejected: Pod\'s Overhead doesn\'t match RuntimeClass\'s defined Overhead']);
  });

  it('are the only source of overhead, and must be there', async () => {
    const free = await createPod('free', { overhead: { cpu: '1' } });
    expect([free.code, free.body.message]).toEqual([403, 'pods "free" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead']);
    const unknown = await createPod('lost', { runtimeClassName: 'none' });
    expect([unknown.code, unknown.body.message]).toEqual([403, 'pods "lost" is forbidden: pod rejected: RuntimeClass "none" not found']);
  });
});
