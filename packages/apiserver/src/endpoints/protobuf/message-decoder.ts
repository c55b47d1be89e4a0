import { NESTING_LIMIT, checkNesting } from '@podling/shared/scheme';
import type { SchemaNode } from '@podling/shared/scheme';
import { layoutOf } from './layout.ts';
import type { Layout, Slot } from './layout.ts';
import { ProtobufError, WireReader, asBytes, asInteger, asText, scalarsOf } from './wire-reader.ts';
import type { WireValue } from './wire-reader.ts';

type JsonObject = Record<string, unknown>;

function setOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

const latestMs = 253_402_300_799_999;
const earliestMs = -62_135_596_800_000;

/** Undefined for Go's zero time, which is written as an empty message. */
function timeOf(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined;
  const fields = scalarsOf(bytes);
  const nanos = Number(asInteger(fields.get(2)));
  const ms = Number(asInteger(fields.get(1))) * 1000;
  if (ms < earliestMs || ms > latestMs || nanos < 0 || nanos > 999_999_999) throw new ProtobufError('a time out of range');
  return `${new Date(ms).toISOString().slice(0, 19)}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

function intOrStringOf(bytes: Buffer): number | string {
  const fields = scalarsOf(bytes);
  return asInteger(fields.get(1)) === 1n ? asText(fields.get(3)) : numberOf(asInteger(fields.get(2)));
}

/** Exact or refused. */
function numberOf(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new ProtobufError(`number ${value} cannot be kept exactly`);
  return number;
}

/** FieldsV1 and RawExtension carry JSON text. */
function rawJson(bytes: Buffer): unknown {
  const raw = asBytes(scalarsOf(bytes).get(1));
  try {
    const value: unknown = raw.length === 0 ? {} : JSON.parse(raw.toString('utf8'));
    checkNesting(value);
    return value;
  } catch (cause) {
    throw new ProtobufError('a field with raw JSON cannot be parsed', { cause });
  }
}

function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === false || value === undefined) return true;
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

/** Integers and booleans of a list may come packed into one field. */
function packed(bytes: Buffer): bigint[] {
  const reader = new WireReader(bytes);
  const values: bigint[] = [];
  while (!reader.done) values.push(reader.varint());
  return values;
}

/** A list inside a map is a message of its own with the list as field 1. */
const wrappedListField = 1;

class MessageDecoder {
  #depth = 0;

  message(schema: SchemaNode, bytes: Buffer): JsonObject {
    const result: JsonObject = {};
    this.#deeper(() => this.#into(result, layoutOf(schema), bytes));
    return result;
  }

  #deeper<T>(work: () => T): T {
    if (this.#depth >= NESTING_LIMIT) throw new ProtobufError(`nested deeper than ${NESTING_LIMIT} levels`);
    this.#depth += 1;
    const result = work();
    this.#depth -= 1;
    return result;
  }

  #into(result: JsonObject, layout: Layout, bytes: Buffer): void {
    const reader = new WireReader(bytes);
    while (!reader.done) {
      const { number, value } = reader.next();
      const slot = layout.get(number);
      if (slot) this.#fill(result, slot, value);
    }
  }

  #fill(result: JsonObject, slot: Slot, wire: WireValue): void {
    if ('inlined' in slot) return this.#into(result, slot.inlined, asBytes(wire));
    const { property, schema, keepsZero } = slot;
    if (schema.type === 'array' && schema.items) return this.#append(((result[property] as unknown[] | undefined) ??= result[property] = []) as unknown[], schema.items, wire);
    if (schema.additionalProperties) return this.#entry((result[property] ??= {}) as JsonObject, schema.additionalProperties, asBytes(wire));
    const value = this.#value(schema, wire);
    if (keepsZero || !isZero(value)) result[property] = value;
    else delete result[property];
  }

  #append(list: unknown[], items: SchemaNode, wire: WireValue): void {
    const isPacked = typeof wire !== 'bigint' && (items.type === 'integer' || items.type === 'boolean');
    if (isPacked) for (const value of packed(wire)) list.push(this.#value(items, value));
    else list.push(this.#value(items, wire));
  }

  #entry(map: JsonObject, values: SchemaNode, bytes: Buffer): void {
    const fields = scalarsOf(bytes);
    const value = fields.get(2);
    setOwn(map, asText(fields.get(1)), value === undefined ? null : this.#value(values, value));
  }

  #value(schema: SchemaNode, wire: WireValue): unknown {
    if (schema['x-kubernetes-int-or-string']) return intOrStringOf(asBytes(wire));
    if (schema['x-podling-quantity']) return asText(scalarsOf(asBytes(wire)).get(1));
    switch (schema.type) {
      case 'integer':
        return numberOf(asInteger(wire));
      case 'boolean':
        return asInteger(wire) !== 0n;
      case 'array':
        return this.#wrappedList(schema, asBytes(wire));
      case 'object':
        return schema.properties ? this.message(schema, asBytes(wire)) : rawJson(asBytes(wire));
      default:
        return textOf(schema, asBytes(wire));
    }
  }

  #wrappedList({ items }: SchemaNode, bytes: Buffer): unknown[] {
    const list: unknown[] = [];
    const reader = new WireReader(bytes);
    while (!reader.done) {
      const { number, value } = reader.next();
      if (number === wrappedListField && items) this.#append(list, items, value);
    }
    return list;
  }
}

function textOf({ format }: SchemaNode, bytes: Buffer): string | undefined {
  if (format === 'date-time') return timeOf(bytes);
  return format === 'byte' ? bytes.toString('base64') : bytes.toString('utf8');
}

/**
 * The JSON value of a message of `schema`, as untrusted as JSON from a client. Fields without a number in the table are
 * passed over, as Kubernetes does. Throws {@link ProtobufError}.
 */
export function decodeMessage(schema: SchemaNode, bytes: Buffer): JsonObject {
  return new MessageDecoder().message(schema, bytes);
}
