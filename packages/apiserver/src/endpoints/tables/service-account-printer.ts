import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

export const serviceAccountPrinter: Printer = {
  columns: [
    column('Name', 'Name of the service account.'),
    column('Age', 'Time since creation.'),
  ],
  cells: ({ metadata }, nowMs) => [metadata.name, ageOf(metadata.creationTimestamp, nowMs)],
};
