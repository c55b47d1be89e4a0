import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { EnumTypeDefinition, MessageTypeDefinition, PackageDefinition } from '@grpc/proto-loader';

export interface CriServices {
  runtime: ServiceDefinition;
  image: ServiceDefinition;
}

/** A field as CRI's definition has it, its name in camelCase. */
export interface MessageField {
  name: string;
  /** As in a descriptor: `TYPE_STRING`. */
  type: string;
  repeated: boolean;
  /** Of texts by name. */
  map: boolean;
  /** Of a message: its name. */
  message: string;
  /** Of an enum: its numbers by name. */
  values: ReadonlyMap<string, number>;
}

interface Loaded extends CriServices {
  definition: PackageDefinition;
}

const PACKAGE = 'runtime.v1';

let loaded: Loaded | undefined;

/**
 * RuntimeService and ImageService of CRI v1, for a client or a server. A message that arrives has every field: '' or 0 for
 * a value that was not sent, null for a message. 64-bit integers are decimal strings. Enums are their names; a number that
 * we have no name for stays a number, so a value of an enum is to be checked before it is believed.
 */
export function loadServices(): CriServices {
  const { runtime, image } = (loaded ??= load());
  return { runtime, image };
}

/** The fields of a message by their numbers. `name` is CRI's. */
export function loadMessage(name: string): MessageField[] {
  const { definition } = loaded ??= load();
  const { field, nestedType } = (definition[`${PACKAGE}.${name}`] as MessageTypeDefinition<object, object>).type as Descriptor;
  const maps = new Set(nestedType.filter(({ options }) => options?.mapEntry === true).map((nested) => nested.name));
  return field.toSorted((one, other) => one.number - other.number).map(({ name: fieldName, type, label, typeName }) => ({
    name: fieldName, type, repeated: label === 'LABEL_REPEATED', map: maps.has(typeName), message: typeName,
    values: new Map(type === 'TYPE_ENUM' ? enumValues(definition, typeName) : []),
  }));
}

/** What is used of a descriptor. */
interface Descriptor {
  field: { name: string; number: number; type: string; label: string; typeName: string }[];
  nestedType: { name: string; options: { mapEntry?: boolean } | null }[];
}

function enumValues(definition: PackageDefinition, name: string): [string, number][] {
  const { value } = (definition[`${PACKAGE}.${name}`] as EnumTypeDefinition).type as { value: { name: string; number: number }[] };
  return value.map(({ name: text, number }) => [text, number]);
}

function load(): Loaded {
  const definition = loadSync(['runtime-service.proto', 'image-service.proto'], {
    includeDirs: [fileURLToPath(new URL('./proto', import.meta.url))],
    keepCase: false,
    longs: String,
    enums: String,
    defaults: true,
  });
  return {
    runtime: definition[`${PACKAGE}.RuntimeService`] as ServiceDefinition,
    image: definition[`${PACKAGE}.ImageService`] as ServiceDefinition,
    definition,
  };
}
