import type { TSchema } from 'typebox';
import { decode, type Decoded } from './decode.ts';
import { DecodeError } from './decode-error.ts';
import { newBadRequest, type FieldError } from './errors.ts';
import type { KubeObject } from './meta.ts';
import { isPathSegmentName } from './names.ts';
import { validateStructure } from './validation/structure.ts';
import { validateAnyMeta, validateAnyMetaUpdate, validateMetaUpdate } from './validation/object-meta.ts';

/** All that is known of one kind, apart from how it is stored. */
export interface KindInfo<T extends KubeObject = KubeObject> {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural, as in paths. */
  readonly resource: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly schema: TSchema;
  /** Where the same objects are served once more under other names: this version's names of fields and those there. */
  readonly otherVersion?: { apiVersion: string; names: ReadonlyMap<string, string> };
  /** Decodes an untrusted body; throws a 400 `ApiStatusError` that names the field. */
  decode(value: unknown): Decoded<T>;
  /** A new object with Kubernetes' defaults; the argument is not changed. */
  applyDefaults(object: T): T;
  /** All violations at once. The object has defaults, a name and, if namespaced, a namespace by now. */
  validateCreate(object: T): FieldError[];
  /** `next` carries the stored object's status. */
  validateUpdate(next: T, previous: T): FieldError[];
  /** For `/status`: `next` carries the stored object's spec. */
  validateStatusUpdate(next: T, previous: T): FieldError[];
  /** What a new object is told about before anything else is looked at. */
  warningsBeforeCreate(object: T): string[];
  /** What a valid new object is told about in `Warning` headers. */
  warningsOnCreate(object: T): string[];
  /** As {@link warningsOnCreate}, for an update. */
  warningsOnUpdate(next: T): string[];
  /** As {@link warningsOnCreate}, for a write to `/status`. */
  warningsOnStatusUpdate(next: T): string[];
}

type Optional = 'applyDefaults' | 'validateUpdate' | 'validateStatusUpdate' | 'warningsBeforeCreate' | 'warningsOnCreate' | 'warningsOnUpdate' | 'warningsOnStatusUpdate';

type KindDefinition<T extends KubeObject> = Omit<KindInfo<T>, 'decode' | Optional> & Partial<Pick<KindInfo<T>, Optional>> & {
  /** The kind's own validation checks closed sets, each in its place among the other rules. */
  checksMembers?: true;
};

const nothing = (): string[] => [];

/** Completes a definition: closed sets are checked for every kind that does not do so itself, metadata on every update. */
export function defineKind<T extends KubeObject>(definition: KindDefinition<T>): KindInfo<T> {
  const { schema, validateCreate, validateUpdate, validateStatusUpdate, checksMembers, ...rest } = definition;
  const metaUpdate = (next: T, previous: T) => validateMetaUpdate(next.metadata, previous.metadata);
  /** Once for every kind, and once more by the kind: Kubernetes reports these violations twice. */
  const anyMeta = (next: T, previous: T) => [
    ...validateAnyMeta(next.metadata, { namespaced: definition.namespaced, name: isPathSegmentName }),
    ...validateAnyMetaUpdate(next.metadata, previous.metadata),
  ];
  const structure = (object: T): FieldError[] => (checksMembers ? [] : validateStructure(schema, object));
  return {
    applyDefaults: (object) => object,
    warningsBeforeCreate: nothing,
    warningsOnCreate: nothing,
    warningsOnUpdate: nothing,
    warningsOnStatusUpdate: nothing,
    ...rest,
    schema,
    decode: (value) => decodeKind<T>(definition, value),
    validateCreate: (object) => [...structure(object), ...validateCreate(object)],
    validateUpdate: (next, previous) => [...anyMeta(next, previous), ...structure(next), ...(validateUpdate ?? metaUpdate)(next, previous)],
    validateStatusUpdate: (next, previous) => [...anyMeta(next, previous), ...structure(next), ...(validateStatusUpdate ?? metaUpdate)(next, previous)],
  };
}

function decodeKind<T extends KubeObject>({ kind, version, schema }: Pick<KindInfo, 'kind' | 'version' | 'schema'>, value: unknown): Decoded<T> {
  try {
    return decode(schema, value) as Decoded<T>;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw newBadRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${error.message}`, { cause: error });
  }
}
