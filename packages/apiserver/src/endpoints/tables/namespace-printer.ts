import type { Namespace } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

export const namespacePrinter: Printer = {
  columns: [
    column('Name', 'Name of the namespace.'),
    column('Status', 'Phase of the namespace: Active or Terminating.'),
    column('Age', 'Time since creation.'),
  ],
  cells(object, nowMs) {
    const { metadata, status } = object as Namespace;
    return [metadata.name, status?.phase ?? '', ageOf(metadata.creationTimestamp, nowMs)];
  },
};
