import type { Lease } from '@podling/shared/api';
import { leaseKind } from '@podling/shared/scheme';
import type { Strategy } from '../rest/strategy.ts';

export const leaseStrategy: Strategy<Lease> = {
  kind: leaseKind,
  allowsUnconditionalUpdate: false,
  allowsCreateOnUpdate: true,
  returnsDeletedObject: false,
  selectableFields: () => ({}),
  prepareForCreate: () => undefined,
  prepareForUpdate: () => undefined,
  validateUpdate: leaseKind.validateUpdate,
};
