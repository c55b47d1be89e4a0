import { describe, expect, it } from 'vitest';
import type { Event, EventsEvent, KubeList, Status } from '@podling/shared/api';
import { transports } from '../testing/open-watch.ts';
import { useTestServer } from '../testing/test-server.ts';

const events = '/apis/events.k8s.io/v1/namespaces/default/events';
const coreEvents = '/api/v1/namespaces/default/events';
const merge = 'application/merge-patch+json';

describe('events of both groups', () => {
  const server = useTestServer();
  const create = (name: string, parts: Partial<EventsEvent> = {}) => server.send<EventsEvent & Status>('POST', events, {
    body: {
      apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name }, eventTime: '2026-01-01T00:00:00.123456Z', reportingController: 'example.com/c',
      reportingInstance: 'i', action: 'Do', reason: 'Because', regarding: { kind: 'Pod', name: 'p', namespace: 'default' }, note: 'hello', type: 'Normal', ...parts,
    },
  });
  const createCore = (name: string, parts: Partial<Event> = {}) => server.send<Event>('POST', coreEvents, {
    body: { metadata: { name }, involvedObject: { kind: 'Pod', name, namespace: 'default' }, message: 'm', reason: 'R', source: { component: 'kubelet' }, count: 3, ...parts },
  });

  it('are the same objects', async () => {
    const { code, body } = await create('new');
    expect([code, body.apiVersion, body.note]).toEqual([201, 'events.k8s.io/v1', 'hello']);
    const core = await server.send<Event>('GET', `${coreEvents}/new`);
    expect(core.body).toMatchObject({
      apiVersion: 'v1', kind: 'Event', metadata: { uid: body.metadata.uid, resourceVersion: body.metadata.resourceVersion },
      involvedObject: { kind: 'Pod', name: 'p' }, message: 'hello', reportingComponent: 'example.com/c', eventTime: '2026-01-01T00:00:00.123456Z',
    });
    await createCore('old');
    const old = await server.send<EventsEvent>('GET', `${events}/old`);
    expect(old.body).toMatchObject({ regarding: { name: 'old' }, note: 'm', deprecatedSource: { component: 'kubelet' }, deprecatedCount: 3 });
    const list = await server.send<KubeList<EventsEvent>>('GET', events);
    expect([list.body.kind, list.body.apiVersion, list.body.items.map(({ note }) => note)]).toEqual(['EventList', 'events.k8s.io/v1', ['hello', 'm']]);
    expect((await server.send('DELETE', `${events}/old`)).code).toBe(200);
    expect((await server.send('GET', `${coreEvents}/old`)).code).toBe(404);
  });

  it('are changed through either', async () => {
    await create('series');
    const series = { count: 2, lastObservedTime: '2026-01-01T00:01:00.000000Z' };
    const patched = await server.send<EventsEvent>('PATCH', `${events}/series`, { body: { series }, contentType: merge });
    expect([patched.code, patched.body.series]).toEqual([200, series]);
    expect((await server.send<Event>('GET', `${coreEvents}/series`)).body.series).toEqual(series);
    const core = await server.send<Event>('PATCH', `${coreEvents}/series`, { body: { message: 'changed' }, contentType: merge });
    expect([core.code, core.body.message]).toEqual([200, 'changed']);
    const refused = await server.send<Status>('PATCH', `${events}/series`, { body: { note: 'again' }, contentType: merge });
    expect([refused.code, refused.body.details?.causes?.map(({ field }) => field)]).toEqual([422, ['message']]);
  });

  it('must be complete in the newer group', async () => {
    const { code, body } = await server.send<Status>('POST', events, { body: { metadata: { name: 'bare' }, regarding: { namespace: 'default' } } });
    expect([code, body.details?.causes?.map(({ field }) => field)]).toEqual([422, ['eventTime', 'type']]);
  });

  it('are selected by the names of their group', async () => {
    await createCore('chosen');
    const named = async (path: string) => (await server.send<KubeList<Event>>('GET', path)).body.items?.map(({ metadata }) => metadata.name);
    expect(await named(`${events}?fieldSelector=regarding.name%3Dchosen`)).toEqual(['chosen']);
    expect(await named(`${coreEvents}?fieldSelector=involvedObject.name%3Dchosen`)).toEqual(['chosen']);
    expect((await server.send('GET', `${events}?fieldSelector=involvedObject.name%3Dchosen`)).code).toBe(400);
  });

  it.each(Object.entries(transports))('are watched in the shape of their group over %s', async (transport, open) => {
    const watches = await Promise.all([open(`${server.url}${events}?watch=1&resourceVersion=${await revision()}`), open(`${server.url}${coreEvents}?watch=1&resourceVersion=${await revision()}`)]);
    await createCore(`seen-${transport}`, { message: 'seen' });
    const [fresh, core] = await Promise.all(watches.map((watch) => watch.next()));
    expect(fresh).toMatchObject({ type: 'ADDED', object: { apiVersion: 'events.k8s.io/v1', note: 'seen' } });
    expect(core).toMatchObject({ type: 'ADDED', object: { apiVersion: 'v1', message: 'seen' } });
    expect(fresh?.object.metadata.resourceVersion).toBe(core?.object.metadata.resourceVersion);
    watches.forEach((watch) => watch.close());
  });

  async function revision(): Promise<string> {
    return (await server.send<KubeList<Event>>('GET', `${coreEvents}?limit=1`)).body.metadata.resourceVersion ?? '';
  }
});
