import type { Event, EventsEvent } from '@podling/shared/api';
import { toCoreEvent } from '@podling/shared/scheme';
import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

function seen({ eventTime, series, firstTimestamp, lastTimestamp }: Event, nowMs: number): { first: string; last: string } {
  const first = ageOf(firstTimestamp ?? eventTime, nowMs);
  if (series) return { first, last: ageOf(series.lastObservedTime, nowMs) };
  return { first, last: lastTimestamp ? ageOf(lastTimestamp, nowMs) : first };
}

function targetOf({ involvedObject: { kind = '', name = '' } }: Event): string {
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function sourceOf({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const host = source?.host || reportingInstance;
  return host ? `${component}, ${host}` : component;
}

export const eventPrinter: Printer = {
  columns: [
    column('Last Seen', 'Time since the event was last observed.'),
    column('Type', 'Normal or Warning.'),
    column('Reason', 'Short reason for a machine to read.'),
    column('Object', 'What the event is about.'),
    column('Subobject', 'The field of the object that the event is about.', { priority: 1 }),
    column('Source', 'Who reports the event.', { priority: 1 }),
    column('Message', 'What happened.'),
    column('First Seen', 'Time since the event was first observed.', { priority: 1 }),
    column('Count', 'How often it was observed.', { priority: 1 }),
    column('Name', 'Name of the event.', { priority: 1 }),
  ],
  cells(object, nowMs) {
    const event = object as Event;
    const { involvedObject: { fieldPath = '' }, metadata, message = '', series, count } = event;
    const { first, last } = seen(event, nowMs);
    return [
      last, event.type ?? '', event.reason ?? '', targetOf(event), fieldPath, sourceOf(event), message.trim(), first, series ? series.count ?? 0 : count || 1,
      metadata.name,
    ];
  },
};

/** The same columns for the newer shape. */
export const eventsEventPrinter: Printer = {
  columns: eventPrinter.columns,
  cells: (object, nowMs) => eventPrinter.cells(toCoreEvent(object as EventsEvent), nowMs),
};
