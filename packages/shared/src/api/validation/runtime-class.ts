import type { FieldError } from '../errors.ts';
import { isDNS1123Label } from '../names.ts';
import type { RuntimeClass } from '../runtime-class.ts';
import { checkRequired, duplicate, duplicates } from './field-errors.ts';
import { immutableField, validateLabels, validateMeta, validateMetaUpdate } from './object-meta.ts';
import { validateResources } from './resources.ts';
import { validateTolerations } from './toleration.ts';

export function validateRuntimeClass(runtimeClass: RuntimeClass): FieldError[] {
  return [...validateMeta(runtimeClass.metadata, { namespaced: false }), ...validateContent(runtimeClass)];
}

export function validateRuntimeClassUpdate(next: RuntimeClass, previous: RuntimeClass): FieldError[] {
  return [
    ...validateContent(next),
    ...validateMetaUpdate(next.metadata, previous.metadata),
    ...immutableField('handler', next.handler, previous.handler),
  ];
}

function validateContent({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  return [
    ...checkRequired('handler', handler, isDNS1123Label),
    ...(overhead?.podFixed ? validateResources({ limits: overhead.podFixed }, new Set(), 'overhead') : []),
    ...validateScheduling(scheduling),
  ];
}

function validateScheduling({ nodeSelector, tolerations }: RuntimeClass['scheduling'] = {}): FieldError[] {
  const path = 'scheduling.tolerations';
  return [
    ...validateLabels(nodeSelector, 'scheduling.nodeSelector'),
    ...validateTolerations(tolerations, path),
    ...duplicates(tolerations, ({ key, operator, value, effect }) => JSON.stringify([key, operator, value, effect]), ({ key = '', operator = '', value = '', effect = '', tolerationSeconds = null }, index) =>
      duplicate(`${path}[${index}]`, { Key: key, Operator: operator, Value: value, Effect: effect, TolerationSeconds: tolerationSeconds })),
  ];
}
