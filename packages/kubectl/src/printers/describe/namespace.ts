import type { Event, Namespace } from '@podling/shared/api';
import { field, mapField, render } from './description.ts';
import { eventsEntry } from './events.ts';

export function describeNamespace({ metadata, status }: Namespace, events: readonly Event[], now: number): string {
  return render([
    field('Name', metadata.name),
    mapField('Labels', metadata.labels, '='),
    mapField('Annotations', metadata.annotations, ': '),
    field('Status', status?.phase),
    eventsEntry(events, now),
  ]);
}
