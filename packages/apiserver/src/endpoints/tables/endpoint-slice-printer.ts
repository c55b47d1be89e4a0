import type { EndpointSlice } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

const shown = 3;

function firstOf(all: string[]): string {
  const text = all.slice(0, shown).join(',');
  if (all.length > shown) return `${text} + ${all.length - shown} more...`;
  return text === '' ? '<unset>' : text;
}

export const endpointSlicePrinter: Printer = {
  columns: [
    column('Name', 'Name of the slice.'),
    column('AddressType', 'What the addresses are.'),
    column('Ports', 'Ports of the endpoints.'),
    column('Endpoints', 'Addresses of the endpoints.'),
    column('Age', 'Time since creation.'),
  ],
  cells(object, nowMs) {
    const { metadata, addressType, ports, endpoints } = object as EndpointSlice;
    const portTexts = ports.map(({ port, name = '*' }) => String(port ?? name));
    return [
      metadata.name, addressType, firstOf(portTexts), firstOf(endpoints.flatMap(({ addresses }) => addresses)), ageOf(metadata.creationTimestamp, nowMs),
    ];
  },
};
