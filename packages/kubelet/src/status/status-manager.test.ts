import { pino } from 'pino';
import { createFakeServer, FakeClock, settle } from '@podling/shared/testing';
import type { Pod, PodStatus } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { StatusManager } from './status-manager.ts';

function setUp() {
  const server = createFakeServer();
  const clock = new FakeClock();
  const pod = server.pods.put({ ...podOf([{ name: 'web' }]), status: {} });
  const known = new Map<string, Pod>([[pod.metadata.uid ?? '', pod]]);
  const manager = new StatusManager({ client: server.client, clock, logger: pino({ level: 'silent' }), podByUid: (uid) => known.get(uid), mirrorOf: () => undefined });
  return { server, clock, pod, known, manager };
}

describe('StatusManager', () => {
  it('brings the latest status to the apiserver', async () => {
    const { server, manager, pod } = setUp();
    manager.set(pod, { phase: 'Pending' });
    manager.set(pod, { phase: 'Running' });
    await settle();
    expect(server.pods.get('default/web')?.status?.phase).toBe('Running');
  });

  it('says once that a pod runs which has started soon, and that it is being started when that takes longer', async () => {
    const { server, clock, manager, pod, known } = setUp();
    const waiting = (reason: string): PodStatus => ({ phase: 'Pending', containerStatuses: [{ name: 'web', image: '', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason } } }] });
    const shown = (): PodStatus | undefined => server.pods.get('default/web')?.status;
    manager.set(pod, waiting('ContainerCreating'));
    await clock.advance(499);
    expect(shown()).toEqual({});
    await clock.advance(1);
    expect(shown()).toMatchObject(waiting('ContainerCreating'));
    const another = (name: string): Pod => {
      const added = server.pods.put({ ...pod, metadata: { ...pod.metadata, name, uid: name }, status: {} });
      known.set(name, added);
      return added;
    };
    const [other, refused] = [another('other'), another('refused')];
    manager.set(other, waiting('PodInitializing'));
    manager.set(refused, waiting('ErrImagePull'));
    await clock.advance(200);
    expect(server.pods.get('default/refused')?.status).toMatchObject(waiting('ErrImagePull'));
    expect(server.pods.get('default/other')?.status).toEqual({});
    manager.set(other, { phase: 'Running' });
    await settle();
    expect(server.pods.get('default/other')?.status).toEqual({ phase: 'Running' });
    manager.forget(pod.metadata.uid ?? '');
    expect(clock.pendingTimers).toBe(0);
  });

  it('writes nothing when nothing has changed', async () => {
    const { server, manager, pod } = setUp();
    manager.set(pod, { phase: 'Running' });
    await settle();
    const version = server.pods.get('default/web')?.metadata.resourceVersion;
    manager.set(pod, { phase: 'Running' });
    await settle();
    expect(server.pods.get('default/web')?.metadata.resourceVersion).toBe(version);
  });

  it('catches up after the apiserver was away, with the last status only', async () => {
    const { server, clock, manager, pod } = setUp();
    server.pods.failNext(new Error('connection refused'), 3);
    manager.set(pod, { phase: 'Pending' });
    await settle();
    manager.set(pod, { phase: 'Running' });
    await clock.advance(10_000);
    expect(server.pods.get('default/web')?.status?.phase).toBe('Running');
  });

  it('takes back a field that is gone', async () => {
    const { server, manager, pod } = setUp();
    manager.set(pod, { phase: 'Running', message: 'x' });
    await settle();
    manager.set(pod, { phase: 'Running' });
    await settle();
    expect(server.pods.get('default/web')?.status).toEqual({ phase: 'Running' });
  });

  it('deletes a finished pod only once it is marked as deleted', async () => {
    const { server, manager, pod, known } = setUp();
    manager.finish(pod);
    await settle();
    expect(server.pods.get('default/web')).toBeDefined();
    const marked = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    known.set(pod.metadata.uid ?? '', marked);
    manager.finish(marked);
    await settle();
    expect(server.pods.get('default/web')).toBeUndefined();
  });

  it('never deletes a new pod of the same name', async () => {
    const { server, manager, pod, known } = setUp();
    const marked = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    known.set(pod.metadata.uid ?? '', marked);
    server.pods.put({ ...pod, metadata: { name: 'web', namespace: 'default', uid: 'another' } });
    manager.finish(marked);
    await settle();
    expect(server.pods.get('default/web')?.metadata.uid).toBe('another');
  });

  it('names the UID in every write, so that the server can refuse a late one', async () => {
    const { server, manager, pod } = setUp();
    const patches: unknown[] = [];
    const client = { pods: () => ({ ...server.pods.client('default'), patchStatus: (_: string, patch: unknown) => (patches.push(patch), Promise.resolve(pod)) }) };
    const own = new StatusManager({ client, clock: new FakeClock(), logger: pino({ level: 'silent' }), podByUid: () => pod, mirrorOf: () => undefined });
    own.set(pod, { phase: 'Running' });
    await settle();
    manager.stop();
    expect(patches).toEqual([{ metadata: { uid: 'pod-uid' }, status: { phase: 'Running' } }]);
  });

  it('writes nothing of a pod that only the runtime tells of: it may be another node\'s', async () => {
    const { server, manager, pod, known } = setUp();
    known.clear();
    const orphan: Pod = { metadata: { name: 'web', namespace: 'default', uid: pod.metadata.uid ?? '' }, spec: { containers: [] } };
    manager.set(orphan, { phase: 'Running', hostIPs: [{ ip: '10.0.0.2' }] });
    manager.finish(orphan);
    await settle();
    expect(server.pods.get('default/web')).toEqual(pod);
  });

  it('writes its status again over what somebody else wrote', async () => {
    const { server, clock, manager, pod, known } = setUp();
    manager.set(pod, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
    await settle();
    const present = server.pods.get('default/web');
    if (!present) throw new Error('no pod');
    const changed = server.pods.put({ ...present, status: { ...present.status, conditions: [{ type: 'Ready', status: 'False' }] } });
    known.set('pod-uid', changed);
    manager.observe(changed);
    await clock.advance(2_000);
    expect(server.pods.get('default/web')?.status?.conditions?.[0]?.status).toBe('True');
  });
});
