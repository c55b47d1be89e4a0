import { describe, expect, it } from 'vitest';
import { fromCoreEvent, toCoreEvent, type EventsEvent } from './events-event.ts';
import { eventKind, eventsEventKind } from './scheme.ts';

const core = {
  kind: 'Event', apiVersion: 'v1', metadata: { name: 'e', namespace: 'a' }, involvedObject: { kind: 'Pod', name: 'p', namespace: 'a' }, message: 'm', reason: 'R',
  source: { component: 'kubelet' }, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:00Z', count: 2, type: 'Normal',
  eventTime: '2026-01-01T00:00:00.000000Z', series: { count: 2, lastObservedTime: '2026-01-01T00:00:00.000000Z' }, action: 'Do', related: { name: 'r' },
  reportingComponent: 'c', reportingInstance: 'i',
};

describe('the two shapes of an event', () => {
  it('become one another without loss, and each is what its schema knows', () => {
    const event = fromCoreEvent(core);
    expect(toCoreEvent(event)).toEqual(core);
    expect(event).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'm', regarding: core.involvedObject, deprecatedCount: 2, reportingController: 'c' });
    expect(eventsEventKind.decode(event).unknownFields).toEqual([]);
    expect(eventKind.decode(toCoreEvent(event)).unknownFields).toEqual([]);
  });
});

describe('events.k8s.io events', () => {
  const event: EventsEvent = {
    metadata: { name: 'e', namespace: 'a' }, eventTime: '2026-01-01T00:00:00.000000Z', reportingController: 'x.io/c', reportingInstance: 'i', action: 'Do',
    reason: 'R', regarding: { kind: 'Pod', name: 'p', namespace: 'a' }, note: 'n', type: 'Normal',
  };

  it.each<[Partial<EventsEvent>, string[]]>([
    [{}, []],
    [{ type: 'Odd' }, ['type']],
    [{ deprecatedCount: 1, deprecatedSource: { component: 'c' } }, ['count', 'source']],
    [{ series: { count: 1, lastObservedTime: '' } }, ['series.count', 'series.lastObservedTime']],
    [{ reportingController: '' }, ['reportingController', 'reportingController', 'reportingController']],
  ])('with %j are wrong in %j', (parts, fields) => {
    expect(eventsEventKind.validateCreate({ ...event, ...parts }).map(({ field }) => field)).toEqual(fields);
  });

  it('change in their series alone', () => {
    const series = { count: 2, lastObservedTime: '2026-01-01T00:01:00.000000Z' };
    expect(eventsEventKind.validateUpdate({ ...event, series }, event)).toEqual([]);
    const changed: EventsEvent = { ...event, note: 'other', type: 'Warning', series: { ...series, count: 1 } };
    expect(eventsEventKind.validateUpdate(changed, event).map(({ field }) => field)).toEqual(['series.count', 'message', 'type']);
  });
});
