import type { ConfigMap, Event } from '@podling/shared/api';
import { sanitize } from '@podling/shared/sanitize';
import { annotationsField, field, mapField, render } from './description.ts';
import { eventsEntries } from './events.ts';

const byKey = <T>(values: Record<string, T> = {}): [string, T][] => Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));

/** What it holds, as it is; of binary values only the length. */
export function describeConfigMap({ metadata, data, binaryData }: ConfigMap, events: readonly Event[] | undefined, now: number): string {
  const head = render([field('Name', metadata.name), field('Namespace', metadata.namespace), mapField('Labels', metadata.labels, '='), annotationsField(metadata.annotations)]);
  const texts = byKey(data).map(([key, value]) => `${key}:\n----\n${value}\n\n`);
  const lengths = byKey(binaryData).map(([key, value]) => `${key}: ${Buffer.from(value, 'base64').length} bytes\n`);
  return `${head}${sanitize(`\nData\n====\n${texts.join('')}\nBinaryData\n====\n${lengths.join('')}\n`)}${render(eventsEntries(events, now))}`;
}
