import type { PriorityClass } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

export const priorityClassPrinter: Printer = {
  columns: [
    column('Name', 'Name of the priority class.'),
    column('Value', 'The priority its pods have; the higher, the sooner.', { type: 'integer' }),
    column('Global-Default', 'Whether pods without a class are of this one.', { type: 'boolean' }),
    column('Age', 'Time since creation.'),
    column('PreemptionPolicy', 'Whether its pods may push out others.'),
  ],
  cells(object, nowMs) {
    const { metadata, value, globalDefault, preemptionPolicy } = object as PriorityClass;
    return [metadata.name, value, globalDefault ?? false, ageOf(metadata.creationTimestamp, nowMs), preemptionPolicy ?? ''];
  },
};
