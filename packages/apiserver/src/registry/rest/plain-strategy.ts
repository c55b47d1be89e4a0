import type { KubeObject } from '@podling/shared/api';
import type { KindInfo } from '@podling/shared/scheme';
import type { Strategy } from './strategy.ts';

/** The strategy of a kind without status: everything is the writer's, but for `parts`. */
export function plainStrategy<T extends KubeObject>(kind: KindInfo<T>, parts: Partial<Strategy<T>> = {}): Strategy<T> {
  return {
    kind,
    allowsUnconditionalUpdate: true,
    returnsDeletedObject: false,
    selectableFields: () => ({}),
    prepareForCreate: () => undefined,
    prepareForUpdate: () => undefined,
    validateUpdate: kind.validateUpdate,
    ...parts,
  };
}
