import type { TSchema } from 'typebox';
import type { Union } from './schema.ts';

/** A schema as the walkers read it: the JSON Schema and Kubernetes keywords our kinds are written in. */
export interface SchemaNode {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  format?: string;
  enum?: string[];
  properties?: Record<string, SchemaNode>;
  required?: string[];
  additionalProperties?: SchemaNode;
  items?: SchemaNode;
  'x-kubernetes-int-or-string'?: true;
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-patch-strategy'?: string;
  'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: 'atomic';
  'x-kubernetes-unions'?: Union[];
  /** `core.v1.PodSpec`: see `model` in schema.ts. */
  'x-podling-model'?: string;
  /** See `ModelOptions` in schema.ts. */
  'x-podling-implied'?: string[];
  'x-podling-defaults'?: Record<string, unknown>;
  'x-podling-unlisted'?: true;
  /** Optional fields that a decoded object has all the same. */
  'x-podling-always'?: string[];
  /** Empty or zero says something else than absent. */
  'x-podling-keep-empty'?: true;
  /** Null where the client sent nothing. */
  'x-podling-or-null'?: true;
  'x-podling-quantity'?: true;
  'x-podling-duration'?: true;
  'x-podling-precision'?: 'micro';
}

export function asSchema(schema: TSchema): SchemaNode {
  return schema as SchemaNode;
}

/** The schema of `object[key]`, for structs and maps; undefined where the schema says nothing. */
export function propertyOf(schema: SchemaNode | undefined, key: string): SchemaNode | undefined {
  const { properties, additionalProperties } = schema ?? {};
  if (properties && Object.hasOwn(properties, key)) return properties[key];
  return additionalProperties;
}
