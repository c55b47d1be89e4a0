import type { FieldError } from '../errors.ts';
import { toCoreEvent, type EventsEvent } from '../events-event.ts';
import { validateEvent } from './event.ts';
import { invalid, required } from './field-errors.ts';
import { immutableField, validateMeta, validateMetaUpdate } from './object-meta.ts';

/** Errors name the fields as the core kind does, but for this one. */
function underNewName(error: FieldError): FieldError {
  return error.field === 'reportingComponent' ? { ...error, field: 'reportingController' } : error;
}

export function validateEventsEvent(event: EventsEvent): FieldError[] {
  return [...validateEvent(toCoreEvent(event)).map(underNewName), ...validateMeta(event.metadata, { namespaced: true }), ...validateNew(event)];
}

function validateNew(event: EventsEvent): FieldError[] {
  const { component, host } = event.deprecatedSource ?? {};
  const unset = { firstTimestamp: event.deprecatedFirstTimestamp, lastTimestamp: event.deprecatedLastTimestamp, count: event.deprecatedCount, source: component || host };
  return [
    ...validateSeries(event.series),
    ...(event.eventTime ? [] : [required('eventTime')]),
    ...(event.type === 'Normal' || event.type === 'Warning' ? [] : [invalid('type', '', `has invalid value: ${event.type ?? ''}`)]),
    ...Object.entries(unset).filter(([, value]) => value).map(([field]) => invalid(field, '', 'needs to be unset')),
  ];
}

function validateSeries(series: EventsEvent['series']): FieldError[] {
  if (!series) return [];
  return [
    ...(series.count < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [required('series.lastObservedTime')]),
  ];
}

const immutable = [
  'involvedObject', 'reason', 'message', 'source', 'firstTimestamp', 'lastTimestamp', 'count', 'type', 'eventTime', 'action', 'related',
  'reportingComponent', 'reportingInstance',
] as const;

/** Only the series of an event goes on. */
export function validateEventsEventUpdate(next: EventsEvent, previous: EventsEvent): FieldError[] {
  const [core, old] = [toCoreEvent(next), toCoreEvent(previous)];
  const isSameSeries = immutableField('series', core.series, old.series).length === 0;
  return [
    ...validateEvent(core),
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...(isSameSeries ? [] : validateSeries(next.series)),
    ...immutable.flatMap((field) => immutableField(field, core[field], old[field])),
  ].map(underNewName);
}
