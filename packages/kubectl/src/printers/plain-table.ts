import { ageOf } from '@podling/shared/human-duration';
import type { AnyObject } from '../resource/object.ts';
import type { RestMapping } from '../resource/rest-mapping.ts';
import type { Table } from '../resource/table.ts';
import { objectsOf } from './object.ts';

/** For a server that does not make Tables. `now` is in milliseconds since the Unix epoch. */
export function plainTable(mapping: RestMapping, answer: AnyObject, now: number): Table {
  const objects = objectsOf(mapping, answer);
  return {
    kind: 'Table',
    columnDefinitions: [{ name: 'Name' }, { name: 'Age' }],
    rows: objects.map((object) => ({ cells: [object.metadata?.name, ageOf(object.metadata?.creationTimestamp, now)], object })),
  };
}
