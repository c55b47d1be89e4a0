import { priorityClassKind } from '@podling/shared/scheme';
import { plainStrategy } from '../rest/plain-strategy.ts';

export const priorityClassStrategy = plainStrategy(priorityClassKind, {
  prepareForCreate({ metadata }) {
    metadata.generation = 1;
  },
});
