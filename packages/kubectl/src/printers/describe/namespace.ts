import type { Namespace } from '@podling/shared/api';
import { annotationsField, field, mapField, render } from './description.ts';

export function describeNamespace({ metadata, status }: Namespace): string {
  return render([
    field('Name', metadata.name),
    mapField('Labels', metadata.labels, '='),
    annotationsField(metadata.annotations),
    field('Status', status?.phase),
  ]);
}
