import type { Static, TSchema } from 'typebox';
import { DecodeError, FieldPath, NESTING_LIMIT, checkNesting } from './decode-error.ts';
import { cloneJson, isJsonObject, type JsonObject } from './json.ts';
import { QuantityError, storedQuantity } from './quantity.ts';
import { asSchema, type SchemaNode } from './schema-node.ts';
import { canonicalTime } from './time.ts';

export interface Decoded<T> {
  object: T;
  /** Paths of the fields the schema does not know, which are gone from `object`. */
  unknownFields: string[];
}

/**
 * Untrusted JSON as an object of `schema`: wrong types are refused, unknown fields dropped and listed, null counts as
 * absent, required fields that are absent get Go's zero value so that validation can name them, optional ones with that
 * value are dropped unless the schema says that it means something. Times and quantities
 * come out in canonical form; a quantity that cannot be parsed is kept for validation to report.
 * Throws {@link DecodeError} and nothing else. The input is never changed nor shared.
 */
export function decode<Schema extends TSchema>(schema: Schema, value: unknown): Decoded<Static<Schema>> {
  const path = new FieldPath();
  const unknownFields: string[] = [];
  const object = new Decoder(path, unknownFields).decode(asSchema(schema), value);
  return { object: object as Static<Schema>, unknownFields };
}

const integerRanges: Record<string, [min: number, max: number]> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
};

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}

/** Sets an own property even for the key `__proto__`. */
function setOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** What Go's omitempty leaves out: '', 0, false, lists and maps without anything in them. */
function isEmpty(value: unknown, schema: SchemaNode): boolean {
  if (value === '' || value === 0 || value === false) return !schema['x-kubernetes-int-or-string'];
  if (schema.type === 'array') return (value as unknown[]).length === 0;
  return schema.additionalProperties !== undefined && Object.keys(value as object).length === 0;
}

class Decoder {
  readonly #path: FieldPath;
  readonly #unknownFields: string[];

  constructor(path: FieldPath, unknownFields: string[]) {
    this.#path = path;
    this.#unknownFields = unknownFields;
  }

  decode(schema: SchemaNode, value: unknown): unknown {
    if (value === null || value === undefined) return this.#zero(schema);
    if (schema['x-kubernetes-int-or-string']) return this.#intOrString(schema, value);
    if (schema['x-podling-quantity']) return this.#quantity(value);
    switch (schema.type) {
      case 'object':
        return this.#object(schema, value);
      case 'array':
        return this.#array(schema, value);
      case 'integer':
        return this.#integer(schema, value);
      case 'number':
        return this.#number(value);
      case 'string':
        return this.#string(schema, value);
      default:
        return this.#boolean(value);
    }
  }

  #zero(schema: SchemaNode): unknown {
    if (schema['x-podling-or-null']) return null;
    if (schema['x-kubernetes-int-or-string']) return 0;
    if (schema['x-podling-quantity']) return '0';
    switch (schema.type) {
      case 'object':
        return this.#object(schema, {});
      case 'array':
        return [];
      case 'integer':
      case 'number':
        return 0;
      case 'string':
        return '';
      default:
        return false;
    }
  }

  #object(schema: SchemaNode, value: unknown): unknown {
    if (!isJsonObject(value)) throw this.#mismatch('object', value);
    if (schema.properties) return this.#struct(schema, schema.properties, value);
    if (schema.additionalProperties) return this.#map(schema.additionalProperties, value);
    checkNesting(value, NESTING_LIMIT, this.#path);
    return cloneJson(value);
  }

  #struct(schema: SchemaNode, properties: Record<string, SchemaNode>, value: JsonObject): unknown {
    const result: JsonObject = {};
    for (const key of Object.keys(value)) {
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      const child = value[key];
      if (!property) this.#unknownFields.push(this.#path.child(key));
      else if (child !== null && child !== undefined) {
        const decoded = this.#at(key, property, child);
        if (property['x-podling-keep-empty'] || !isEmpty(decoded, property)) result[key] = decoded;
      }
    }
    this.#fill(result, schema.required, properties);
    this.#fill(result, schema['x-podling-always'], properties);
    return result;
  }

  #fill(result: JsonObject, keys: readonly string[] | undefined, properties: Record<string, SchemaNode>): void {
    for (const key of keys ?? []) {
      const property = properties[key];
      if (property && !Object.hasOwn(result, key)) result[key] = this.#zero(property);
    }
  }

  #map(values: SchemaNode, value: JsonObject): unknown {
    const result: JsonObject = {};
    for (const key of Object.keys(value)) setOwn(result, key, this.#at(`[${key}]`, values, value[key]));
    return result;
  }

  #array(schema: SchemaNode, value: unknown): unknown {
    if (!Array.isArray(value) || !schema.items) throw this.#mismatch('array', value);
    const items = schema.items;
    return value.map((item, index) => this.#at(index, items, item));
  }

  #at(step: string | number, schema: SchemaNode, value: unknown): unknown {
    this.#path.enter(step);
    const decoded = this.decode(schema, value);
    this.#path.leave();
    return decoded;
  }

  #integer(schema: SchemaNode, value: unknown): number {
    if (typeof value !== 'number') throw this.#mismatch('integer', value);
    if (!Number.isInteger(value)) throw this.#error(`expected integer, got number ${value}`);
    const [min, max] = integerRanges[schema.format ?? 'int64'] ?? [-Infinity, Infinity];
    if (value < min || value > max) throw this.#error(`number ${value} does not fit ${schema.format}`);
    if (!Number.isSafeInteger(value)) throw this.#error(`number ${value} is too large to be kept exactly`);
    return value === 0 ? 0 : value;
  }

  #string(schema: SchemaNode, value: unknown): unknown {
    if (typeof value !== 'string') throw this.#mismatch('string', value);
    if (schema.format === 'byte') return this.#bytes(value);
    if (schema.format !== 'date-time') return value;
    const time = canonicalTime(value, schema['x-podling-precision'] === 'micro' ? 'micro' : 'second');
    if (time === undefined) throw this.#error(`expected an RFC 3339 time, got ${JSON.stringify(value)}`);
    return time;
  }

  /** Line breaks are passed over, as in Go. */
  #bytes(value: string): string {
    const text = value.replace(/[\r\n]/g, '');
    if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return text;
    const wrong = text.search(/[^A-Za-z0-9+/]/);
    throw this.#error(`illegal base64 data at input byte ${wrong < 0 ? text.length - (text.length % 4) : wrong}`);
  }

  #intOrString({ format = 'int32' }: SchemaNode, value: unknown): unknown {
    if (typeof value === 'string') return value;
    if (typeof value !== 'number') throw this.#mismatch('integer or string', value);
    return this.#integer({ type: 'integer', format }, value);
  }

  #quantity(value: unknown): string {
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) throw this.#error(`number ${value} is too large to be kept exactly: write it as a string`);
    const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
    try {
      return storedQuantity(text);
    } catch (error) {
      throw error instanceof QuantityError ? new DecodeError('', error.message) : error;
    }
  }

  #number(value: unknown): number {
    if (typeof value !== 'number') throw this.#mismatch('number', value);
    return value;
  }

  #boolean(value: unknown): boolean {
    if (typeof value !== 'boolean') throw this.#mismatch('boolean', value);
    return value;
  }

  #mismatch(expected: string, value: unknown): DecodeError {
    return this.#error(`expected ${expected}, got ${typeName(value)}`);
  }

  #error(reason: string): DecodeError {
    return new DecodeError(this.#path.toString(), reason);
  }
}
