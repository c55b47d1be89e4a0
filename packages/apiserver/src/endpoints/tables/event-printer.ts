import { toCoreEvent } from '@podling/shared/api';
import type { Event, EventsEvent } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

function lastSeen({ eventTime, series, firstTimestamp, lastTimestamp, count, metadata }: Event, nowMs: number): string {
  const first = firstTimestamp ?? eventTime ?? metadata.creationTimestamp;
  if (series) return `${ageOf(series.lastObservedTime, nowMs)} (x${series.count ?? 0} over ${ageOf(first, nowMs)})`;
  const last = lastTimestamp ?? first;
  return (count ?? 0) > 1 ? `${ageOf(last, nowMs)} (x${count} over ${ageOf(first, nowMs)})` : ageOf(last, nowMs);
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
    const { involvedObject: about, metadata } = event;
    const first = event.firstTimestamp ?? event.eventTime ?? metadata.creationTimestamp;
    return [
      lastSeen(event, nowMs), event.type ?? '', event.reason ?? '', `${(about.kind ?? '').toLowerCase()}/${about.name ?? ''}`,
      about.fieldPath ?? '', sourceOf(event), (event.message ?? '').trim(), ageOf(first, nowMs),
      event.series?.count ?? event.count ?? 1, metadata.name,
    ];
  },
};

/** The same columns for the newer shape. */
export const eventsEventPrinter: Printer = {
  columns: eventPrinter.columns,
  cells: (object, nowMs) => eventPrinter.cells(toCoreEvent(object as EventsEvent), nowMs),
};
