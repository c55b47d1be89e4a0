import { podTemplateKind } from '@podling/shared/scheme';
import { sameSpec } from '../generic/same-object.ts';
import { plainStrategy } from '../rest/plain-strategy.ts';

export const podTemplateStrategy = plainStrategy(podTemplateKind, {
  returnsDeletedObject: true,
  prepareForCreate({ metadata }) {
    metadata.generation = 1;
  },
  prepareForUpdate({ metadata, template }, old) {
    if (!sameSpec(template, old.template)) metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
});
