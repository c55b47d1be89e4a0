import type { Event } from '@podling/shared/api';
import type { AnyObject } from '../../resource/object.ts';
import { annotationsField, field, mapField, render } from './description.ts';
import type { Entry } from './description.ts';
import { eventsEntries } from './events.ts';

/** `renewTime` → `Renew Time`. */
function title(key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1 $2');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function entryOf(key: string, value: unknown): Entry {
  const label = title(key);
  if (Array.isArray(value)) return { label, children: value.flatMap((inner, i) => (typeof inner === 'object' && inner !== null ? entriesOf(inner) : [field(String(i), String(inner))])) };
  if (typeof value === 'object' && value !== null) return { label, children: entriesOf(value) };
  return { label, value: String(value) };
}

function entriesOf(object: object): Entry[] {
  return Object.entries(object)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => entryOf(key, value));
}

/** Any object: its metadata, then its fields as they are, then its events. */
export function describeObject(object: AnyObject, events: readonly Event[] | undefined, now: number): string {
  const { apiVersion, kind, metadata, ...fields } = object;
  return render([
    field('Name', metadata?.name),
    ...(metadata?.namespace === undefined ? [] : [field('Namespace', metadata.namespace)]),
    mapField('Labels', metadata?.labels, '='),
    annotationsField(metadata?.annotations),
    field('API Version', apiVersion),
    field('Kind', kind),
    field('Creation Timestamp', metadata?.creationTimestamp),
    ...entriesOf(fields),
    ...eventsEntries(events, now),
  ]);
}
