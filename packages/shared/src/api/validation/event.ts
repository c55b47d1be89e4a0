import type { FieldError } from '../errors.ts';
import type { Event } from '../event.ts';
import { isQualifiedName } from '../names.ts';
import { checkRequired, invalid } from './field-errors.ts';
import { validateMeta, validateMetaUpdate } from './object-meta.ts';

const MESSAGE_LIMIT_BYTES = 1024;
const NAME_LIMIT_BYTES = 128;

export function validateEvent(event: Event): FieldError[] {
  return [...validateMeta(event.metadata, { namespaced: true }), ...validateContent(event)];
}

export function validateEventUpdate(next: Event, previous: Event): FieldError[] {
  return [...validateMetaUpdate(next.metadata, previous.metadata), ...validateContent(next)];
}

/** An event with `eventTime` is one of the newer kind, which must say who reports what. */
function validateContent(event: Event): FieldError[] {
  if (event.eventTime === undefined) return validateSubjectNamespace(event);
  return [
    ...checkRequired('reportingComponent', event.reportingComponent, isQualifiedName),
    ...checkRequired('reportingInstance', event.reportingInstance),
    ...checkRequired('action', event.action),
    ...checkRequired('reason', event.reason),
    ...(['reportingInstance', 'action', 'reason'] as const).flatMap((name) => checkLength(name, event[name], NAME_LIMIT_BYTES)),
    ...checkLength('message', event.message, MESSAGE_LIMIT_BYTES),
  ];
}

function checkLength(field: string, value: string | undefined, limit: number): FieldError[] {
  return Buffer.byteLength(value ?? '') > limit ? [invalid(field, '', `can have at most ${limit} characters`)] : [];
}

/** Events of cluster-scoped objects live in `default`. */
function validateSubjectNamespace({ metadata, involvedObject }: Event): FieldError[] {
  const subject = involvedObject.namespace ?? '';
  const matches = metadata.namespace === (subject === '' ? 'default' : subject);
  return matches ? [] : [invalid('involvedObject.namespace', subject, 'does not match event.namespace')];
}
