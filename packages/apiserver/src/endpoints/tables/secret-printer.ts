import type { Secret } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

export const secretPrinter: Printer = {
  columns: [
    column('Name', 'Name of the secret.'),
    column('Type', 'What the secret is for, which says what keys it has.'),
    column('Data', 'How many keys it holds.'),
    column('Age', 'Time since creation.'),
  ],
  cells(object, nowMs) {
    const { metadata, type, data } = object as Secret;
    return [metadata.name, type ?? '', Object.keys(data ?? {}).length, ageOf(metadata.creationTimestamp, nowMs)];
  },
};
