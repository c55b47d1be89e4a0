import type { Event, Namespace } from '@podling/shared/api';
import { annotationsField, field, mapField, render } from './description.ts';
import { eventsEntries } from './events.ts';

export function describeNamespace({ metadata, status }: Namespace, events: readonly Event[] | undefined, now: number): string {
  return render([
    field('Name', metadata.name),
    mapField('Labels', metadata.labels, '='),
    annotationsField(metadata.annotations),
    field('Status', status?.phase),
    ...eventsEntries(events, now),
  ]);
}
