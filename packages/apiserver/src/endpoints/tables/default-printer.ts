import { column } from './printer.ts';
import type { Printer } from './printer.ts';

export const defaultPrinter: Printer = {
  columns: [
    column('Name', 'Name of the object, unique within its namespace.'),
    column('Created At', 'When the object was created.', { type: 'date' }),
  ],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? '<unknown>'],
};
