import type { Secret } from '@podling/shared/api';
import { annotationsField, field, mapField, render } from './description.ts';
import type { Entry } from './description.ts';

const bytes = (base64: string): Entry => field('', `${Buffer.from(base64, 'base64').length} bytes`);

/** How long each value is, and no more of it. */
export function describeSecret({ metadata, type, data = {} }: Secret): string {
  const entries = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  const head = render([field('Name', metadata.name), field('Namespace', metadata.namespace), mapField('Labels', metadata.labels, '='), annotationsField(metadata.annotations)]);
  const values = entries.length === 0 ? '' : render(entries.map(([key, value]) => ({ ...bytes(value), label: key })));
  return `${head}\n${render([field('Type', type)])}\nData\n====\n${values}`;
}
