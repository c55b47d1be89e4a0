import type { ConfigMap } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

const countOf = (map: object = {}): number => Object.keys(map).length;

export const configMapPrinter: Printer = {
  columns: [
    column('Name', 'Name of the config map.'),
    column('Data', 'How many keys it holds, text and binary.'),
    column('Age', 'Time since creation.'),
  ],
  cells(object, nowMs) {
    const { metadata, data, binaryData } = object as ConfigMap;
    return [metadata.name, countOf(data) + countOf(binaryData), ageOf(metadata.creationTimestamp, nowMs)];
  },
};
