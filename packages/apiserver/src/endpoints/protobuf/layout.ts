import type { SchemaNode } from '@podling/shared/scheme';
import { fieldNumbers } from './field-numbers.ts';

/** Where a field's value goes. */
export type Slot =
  | {
    property: string;
    schema: SchemaNode;
    /** Absent and zero are not the same: a zero is kept. */
    keepsZero: boolean;
  }
  /** A message of its own on the wire whose fields JSON has in the message around it. */
  | { inlined: Layout };

/** By field number. */
export type Layout = ReadonlyMap<number, Slot>;

const layouts = new WeakMap<SchemaNode, Layout>();

function place(layout: Map<number, Slot>, path: readonly number[], slot: Slot): void {
  const [number = 0, ...rest] = path;
  if (rest.length === 0) return void layout.set(number, slot);
  const present = layout.get(number);
  const inlined = present && 'inlined' in present ? present.inlined : new Map<number, Slot>();
  layout.set(number, { inlined });
  place(inlined as Map<number, Slot>, rest, slot);
}

function makeLayout(schema: SchemaNode): Layout {
  const layout = new Map<number, Slot>();
  const entries = (fieldNumbers[schema['x-podling-model'] ?? ''] ?? '').split(' ');
  for (const entry of entries) {
    const [, property = '', path = '', star = ''] = /^(\w+|\$\w+)=([\d.]+)(\*?)$/.exec(entry) ?? [];
    const child = schema.properties?.[property];
    if (child) place(layout, path.split('.').map(Number), { property, schema: child, keepsZero: star !== '' });
  }
  return layout;
}

/** The numbers of a model's properties. */
export function layoutOf(schema: SchemaNode): Layout {
  let layout = layouts.get(schema);
  if (!layout) layouts.set(schema, (layout = makeLayout(schema)));
  return layout;
}
