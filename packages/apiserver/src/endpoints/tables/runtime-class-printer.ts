import type { RuntimeClass } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

export const runtimeClassPrinter: Printer = {
  columns: [
    column('Name', 'Name of the runtime class.'),
    column('Handler', 'What the nodes call it.'),
    column('Age', 'Time since creation.'),
  ],
  cells(object, nowMs) {
    const { metadata, handler } = object as RuntimeClass;
    return [metadata.name, handler, ageOf(metadata.creationTimestamp, nowMs)];
  },
};
