import type { FieldError, KubeObject } from '@podling/shared/api';
import type { FieldSet } from '@podling/shared/field-set';
import type { KindInfo } from '@podling/shared/scheme';

export interface DeleteRequest {
  gracePeriodSeconds?: number | undefined;
  preconditions?: { uid?: string; resourceVersion?: string } | undefined;
  /** What becomes of the objects that this one owns. */
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' | undefined;
}

/**
 * What is particular to one kind; everything else is in `RegistryStore`. Pure and synchronous: may run more than once
 * for one request, because a lost compare-and-swap starts again. Upstream twin: apiserver's `rest.RESTCreateStrategy`
 * and its siblings.
 */
export interface Strategy<T extends KubeObject> {
  readonly kind: KindInfo<T>;
  /** Drops what a creator may not set and sets what the server owns. `object` is the caller's own copy. */
  prepareForCreate(object: T): void;
  /** Puts back what this endpoint may not change. `object` is the caller's own copy, `old` is shared. */
  prepareForUpdate(object: T, old: T): void;
  validateUpdate(object: T, old: T): FieldError[];
  /** Whether an update without a resourceVersion overwrites whatever is there. */
  readonly allowsUnconditionalUpdate: boolean;
  /** Whether a PUT to a name that is not there creates. */
  readonly allowsCreateOnUpdate?: boolean;
  /** Whether a finished delete answers with the object instead of a Status. */
  readonly returnsDeletedObject: boolean;
  /** Seconds the object lives on after a delete; absent or 0 = it goes at once. */
  gracePeriodSeconds?(object: T, request: DeleteRequest): number;
  /** Fields that selectors may name, beside metadata.name and metadata.namespace. */
  selectableFields(object: T): Record<string, string>;
  /** Called on the copy that a delete marks. */
  prepareForDelete?(object: T): void;
  /** Whether something beside finalizers and grace keeps a marked object in place. */
  isHeld?(object: T): boolean;
  /** What `prepareForCreate` and `prepareForUpdate` put back whatever a writer sends: nobody comes to own these fields here. */
  readonly resetFields?: FieldSet | undefined;
  /** Objects vanish this long after their last write. */
  readonly ttlSeconds?: number;
}
