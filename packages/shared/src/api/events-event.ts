import type { Static } from 'typebox';
import type { Event } from './event.ts';
import { EventSourceSchema, type EventSource } from './event.ts';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { ObjectReferenceSchema, type ObjectReference } from './object-reference.ts';
import { int32, microTime, microTimeOrNull, model, named, string, timeOrNull } from './schema.ts';

export const EventsEventSeriesSchema = model('events.v1.EventSeries', { count: int32, lastObservedTime: microTime }, {});

/** The newer shape of an Event: the same objects as the core kind, under other names. */
export const EventsEventSchema = model(
  'events.v1.Event',
  { metadata: named<ObjectMeta>(ObjectMetaSchema) },
  {
    ...typeMeta,
    eventTime: microTimeOrNull,
    series: EventsEventSeriesSchema,
    reportingController: string,
    reportingInstance: string,
    action: string,
    reason: string,
    regarding: named<ObjectReference>(ObjectReferenceSchema),
    related: named<ObjectReference>(ObjectReferenceSchema),
    note: string,
    /** `Normal` or `Warning`. */
    type: string,
    deprecatedSource: named<EventSource>(EventSourceSchema),
    deprecatedFirstTimestamp: timeOrNull,
    deprecatedLastTimestamp: timeOrNull,
    deprecatedCount: int32,
  },
  { implied: ['metadata'], defaults: { metadata: {}, regarding: {}, deprecatedSource: {} } },
);
export interface EventsEvent extends Static<typeof EventsEventSchema> {}

/** All other fields have the same name in both versions. */
const renamed = {
  involvedObject: 'regarding',
  message: 'note',
  reportingComponent: 'reportingController',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
} as const;

/** Core name → name in events.k8s.io/v1. */
export const newNames: ReadonlyMap<string, string> = new Map<string, string>(Object.entries(renamed));
/** Name in events.k8s.io/v1 → core name. */
export const oldNames: ReadonlyMap<string, string> = new Map<string, string>(Object.entries(renamed).map(([core, name]) => [name, core]));

function rename(object: object, names: ReadonlyMap<string, string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [names.get(key) ?? key, value as unknown]));
}

/** The same event under its core names. Shares its parts with the argument. */
export function toCoreEvent(event: EventsEvent): Event {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = event;
  return { kind: 'Event', apiVersion: 'v1', metadata, involvedObject: {}, source: {}, reportingComponent: '', reportingInstance: '', ...rename(rest, oldNames) };
}

/** The same event under its names in events.k8s.io/v1. Shares its parts with the argument. */
export function fromCoreEvent(event: Event): EventsEvent {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = event;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''));
  return { kind: 'Event', apiVersion: 'events.k8s.io/v1', metadata, deprecatedSource: {}, ...rename(given, newNames) };
}
