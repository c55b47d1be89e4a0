import type { Event } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { ruled } from './description.ts';
import type { Entry } from './description.ts';

const first = (event: Event): string | undefined => event.firstTimestamp ?? event.eventTime ?? undefined;
const last = (event: Event): string | undefined => event.series?.lastObservedTime ?? event.lastTimestamp ?? first(event);

function lastSeen(event: Event, now: number): string {
  const count = event.series?.count ?? event.count ?? 1;
  const latest = ageOf(last(event), now);
  return count > 1 ? `${latest} (x${count} over ${ageOf(first(event), now)})` : latest;
}

const sourceOf = ({ source, reportingComponent }: Event): string => source?.component ?? reportingComponent ?? '';

/** With the part of the object that it is about: `spec.containers{web}: Started`. */
function messageOf({ involvedObject: { fieldPath = '' }, message = '' }: Event): string {
  const text = message.trim().replaceAll('\n', ' ');
  return fieldPath === '' ? text : `${fieldPath}: ${text}`;
}

/** The events of an object, oldest first; nothing at all when they are not wanted. */
export function eventsEntries(events: readonly Event[] | undefined, now: number): Entry[] {
  if (events === undefined) return [];
  if (events.length === 0) return [{ label: 'Events', value: '<none>' }];
  const sorted = events.toSorted((a, b) => Date.parse(last(a) ?? '') - Date.parse(last(b) ?? ''));
  const rows = sorted.map((e) => [e.type ?? '', e.reason ?? '', lastSeen(e, now), sourceOf(e), messageOf(e)]);
  return [{ label: 'Events', table: ruled(['Type', 'Reason', 'Age', 'From', 'Message'], rows) }];
}
