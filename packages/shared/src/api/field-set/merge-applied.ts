import { cloneJson, type JsonObject } from '../json.ts';
import { propertyOf, type SchemaNode } from '../schema-node.ts';
import { fieldsIn, isBare, itemElement, itemsByElement, itemsIn, shapeOf } from './shape.ts';

/** `live` with everything that `config` says: leaves are replaced, objects and lists of items with identity are merged. */
export function mergeApplied(schema: SchemaNode | undefined, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  const shape = shapeOf(schema);
  if (shape === 'leaf' || live === undefined || (isBare(live) && isBare(config))) return cloneJson(config);
  return shape === 'object' ? mergeObjects(schema, live, config) : mergeLists(schema as SchemaNode, itemsIn(live), itemsIn(config));
}

function mergeObjects(schema: SchemaNode | undefined, live: unknown, config: unknown): JsonObject {
  const result = new Map(Object.entries(fieldsIn(live)));
  for (const [name, value] of Object.entries(fieldsIn(config))) {
    result.set(name, mergeApplied(propertyOf(schema, name), result.get(name), value));
  }
  return Object.fromEntries(result);
}

/** The config's items keep its order; those only in the live list stay where they are among the others. */
function mergeLists(schema: SchemaNode, live: readonly unknown[], config: readonly unknown[]): unknown[] {
  const wanted = itemsByElement(schema, config);
  const present = itemsByElement(schema, live);
  const steps = [...wanted.keys()];
  const result: unknown[] = [];
  let emitted = 0;
  const emitUntil = (end: number): void => {
    for (const step of steps.slice(emitted, end)) {
      const [one, ...twins] = present.get(step) ?? [];
      result.push(mergeApplied(schema.items, twins.length > 0 ? undefined : one, wanted.get(step)?.[0]));
    }
    emitted = end;
  };
  const nextPresent = (): number => {
    for (let at = emitted; at < steps.length; at += 1) if (present.has(steps[at] ?? '')) return at;
    return steps.length;
  };
  let anchor = nextPresent();
  for (const item of live) {
    const step = itemElement(schema, item);
    if (step === undefined || !wanted.has(step)) result.push(item);
    if (step === undefined || step !== steps[anchor]) continue;
    emitUntil(anchor + 1);
    anchor = nextPresent();
  }
  emitUntil(steps.length);
  return result;
}
