import { asSchema, bodySchemas, modelsWithin } from '@podling/shared/scheme';

/** Go's embedded TypeMeta: protobuf has it in the envelope. */
const typeMeta = new Set(['apiVersion', 'kind']);

/** Every model that a request body can hold, with the properties that have a number on the wire. */
export function reachableModels(): Map<string, ReadonlySet<string>> {
  const structs = [...modelsWithin(bodySchemas().map(asSchema))].flatMap(([name, { properties }]) => (properties ? [[name, properties] as const] : []));
  return new Map(structs.map(([name, properties]) => {
    const isKind = Object.hasOwn(properties, 'metadata') || name.endsWith('Options');
    return [name, new Set(Object.keys(properties).filter((field) => !isKind || !typeMeta.has(field)))];
  }));
}
