import { secretKind } from '@podling/shared/scheme';
import { plainStrategy } from '../rest/plain-strategy.ts';

export const secretStrategy = plainStrategy(secretKind, {
  selectableFields: ({ type = '' }) => ({ type }),
});
