import type { Lease } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

export const leasePrinter: Printer = {
  columns: [
    column('Name', 'Name of the lease.'),
    column('Holder', 'Who holds the lease.'),
    column('Age', 'Time since creation.'),
  ],
  cells(object, nowMs) {
    const { metadata, spec } = object as Lease;
    return [metadata.name, spec?.holderIdentity ?? '', ageOf(metadata.creationTimestamp, nowMs)];
  },
};
