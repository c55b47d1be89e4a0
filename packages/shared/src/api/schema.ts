import Type, { type Static, type TOptional, type TProperties, type TSchema, type TUnsafe } from 'typebox';

/** The vocabulary all kinds are written in: JSON Schema with Kubernetes' OpenAPI extensions as keywords. */

export const string = Type.String();
export const boolean = Type.Boolean();
export const int32 = Type.Integer({ format: 'int32' });
export const int64 = Type.Integer({ format: 'int64' });
export const number = Type.Number();
/** `10s`, `1m30s`: as Go writes a duration. */
export const duration = Type.String({ 'x-podling-duration': true });

/** RFC 3339 in UTC with whole seconds: `2026-01-02T03:04:05Z`. */
export const time = Type.String({ format: 'date-time' });
/** RFC 3339 in UTC with six digits of a second. */
export const microTime = Type.String({ format: 'date-time', 'x-podling-precision': 'micro' });
/** An optional time that a decoded object always has, null where the client sent none. */
export const timeOrNull = orNull(time);
export const microTimeOrNull = orNull(microTime);
/** Base64, as Go writes a slice of bytes. */
export const bytes = Type.String({ format: 'byte' });
/** `500m`, `1Gi`; JSON numbers are accepted and stored as their canonical string. */
export const quantity = Type.String({ 'x-podling-quantity': true });
export const intOrString = Type.Unsafe<number | string>({ 'x-kubernetes-int-or-string': true });
/** A duration, or its nanoseconds. */
export const durationOrNanoseconds = Type.Unsafe<number | string>({ 'x-kubernetes-int-or-string': true, format: 'int64' });
/** Any JSON object, kept as it is. */
export const anyObject = Type.Unsafe<Record<string, unknown>>({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });

function orNull(schema: TSchema): TUnsafe<string | null> {
  return Type.Unsafe<string | null>({ ...schema, 'x-podling-or-null': true });
}

/** A closed set of strings. Decoding accepts any string; validation says which values are supported. */
export function oneOf<const Value extends string>(...values: Value[]): TUnsafe<Value> {
  return Type.Unsafe<Value>({ type: 'string', enum: values });
}

/** A closed set that validation checks and OpenAPI does not name, as Kubernetes has it for some. */
export function unlisted<Schema extends TSchema>(set: Schema): Schema {
  return { ...set, 'x-podling-unlisted': true };
}

type Optionals<Properties extends TProperties> = { [Key in keyof Properties]: TOptional<Properties[Key]> };

/**
 * An object with its required fields first, then its optional ones. Required as in Kubernetes' OpenAPI: a decoded
 * object always has them, with Go's zero value where the client sent none.
 */
export function struct<Required extends TProperties, Optional extends TProperties>(required: Required, optional: Optional) {
  const optionals = Object.fromEntries(Object.entries(optional).map(([key, schema]) => [key, Type.Optional(schema)]));
  return Type.Object({ ...required, ...(optionals as Optionals<Optional>) });
}

interface ModelOptions {
  /** Fields that a decoded object always has although clients need not send them: OpenAPI does not call them required. */
  implied?: string[];
  /**
   * What OpenAPI says of a field that is left out, beside the zero values of required scalars; `{}` for what Go holds by
   * value, which a decoded object always has, apart from the parts of a kind.
   */
  defaults?: Record<string, unknown>;
  /** Server-side apply takes the object as a whole. */
  mapType?: 'atomic';
  /** Kubernetes' declaration that only one of some fields is set. */
  unions?: Union[];
}

/** `discriminator` is the field that says which one is set; the others are named with the value that stands for them. */
export interface Union {
  discriminator?: string;
  'fields-to-discriminateBy': Record<string, string>;
}

/**
 * A {@link struct} with a name of its own in OpenAPI and protobuf: group without its domain, version and Kubernetes' name,
 * as in `core.v1.PodSpec`. Every struct that Kubernetes names is a model.
 */
export function model<Required extends TProperties, Optional extends TProperties>(
  name: string, required: Required, optional: Optional, options: ModelOptions = {},
) {
  const schema = struct(required, optional);
  const { implied, defaults, mapType, unions } = options;
  const always = alwaysThere(optional, defaults);
  return {
    ...schema,
    'x-podling-model': name,
    ...(always.length > 0 && { 'x-podling-always': always }),
    ...(implied && { 'x-podling-implied': implied }),
    ...(defaults && { 'x-podling-defaults': defaults }),
    ...(mapType && { 'x-kubernetes-map-type': mapType }),
    ...(unions && { 'x-kubernetes-unions': unions }),
  } as typeof schema;
}

/** The optional fields without which nothing is encoded in Go: times and structs that are held by value. */
function alwaysThere(optional: TProperties, defaults: Record<string, unknown> = {}): string[] {
  const isKind = Object.hasOwn(optional, 'apiVersion');
  const isStruct = (key: string): boolean => !isKind && typeof defaults[key] === 'object';
  return Object.entries(optional).filter(([key, schema]) => 'x-podling-or-null' in schema || isStruct(key)).map(([key]) => key);
}

export function mapOf<Value extends TSchema>(value: Value): TUnsafe<Record<string, Static<Value>>> {
  return Type.Unsafe<Record<string, Static<Value>>>({ type: 'object', additionalProperties: value });
}

export const stringMap = mapOf(string);
/** A map that server-side apply takes as a whole. */
export const atomicStringMap = Type.Unsafe<Record<string, string>>({ ...stringMap, 'x-kubernetes-map-type': 'atomic' });
/** Resource name → quantity. */
export const resourceList = mapOf(quantity);

/** A list that is replaced as a whole. */
export function list<Item extends TSchema>(items: Item) {
  return Type.Array(items, { 'x-kubernetes-list-type': 'atomic' });
}

/**
 * A field that a decoded object has even when it is empty or zero: there it says something else than nothing. So with what
 * is a pointer in Kubernetes' Go types; any other optional `''`, `0`, `false`, `[]` or empty map is as if not sent.
 */
export function keepEmpty<Schema extends TSchema>(schema: Schema): Schema {
  return { ...schema, 'x-podling-keep-empty': true };
}

interface MergeListOptions {
  /** The keys of server-side apply, where they are not the merge key alone. */
  mapKeys?: string[];
  strategy?: 'merge' | 'merge,retainKeys';
  /** Where server-side apply treats the list as a whole although strategic merge does not. */
  listType?: 'map' | 'atomic';
}

/** A list of objects told apart by `key` in a strategic merge patch. */
export function mergeList<Item extends TSchema>(items: Item, key: string, options: MergeListOptions = {}) {
  const { mapKeys = [key], strategy = 'merge', listType = 'map' } = options;
  return Type.Array(items, {
    'x-kubernetes-patch-merge-key': key,
    'x-kubernetes-patch-strategy': strategy,
    'x-kubernetes-list-type': listType,
    ...(listType === 'map' ? { 'x-kubernetes-list-map-keys': mapKeys } : {}),
  });
}

/** A list of objects with keys for server-side apply, replaced as a whole by a strategic merge patch. */
export function mapList<Item extends TSchema>(items: Item, ...mapKeys: string[]) {
  return Type.Array(items, { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': mapKeys });
}

/** An object that a strategic merge patch replaces as a whole. */
export function replaced<Schema extends TSchema>(object: Schema): Schema {
  return { ...object, 'x-kubernetes-patch-strategy': 'replace' };
}

/** A list of scalars whose union a strategic merge patch takes. */
export function mergeSet<Item extends TSchema>(items: Item) {
  return Type.Array(items, { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-list-type': 'set' });
}

/** A set of scalars, replaced as a whole by a strategic merge patch. */
export function setOf<Item extends TSchema>(items: Item) {
  return Type.Array(items, { 'x-kubernetes-list-type': 'set' });
}

/** The schema under its interface's name, which keeps hovers short and the compiler quick. */
export function named<Named>(schema: TSchema): TUnsafe<Named> {
  return schema as TUnsafe<Named>;
}
