import type { FieldError } from '../errors.ts';
import type { Event } from '../event.ts';
import { isDNS1123Subdomain, isPathSegmentName, isQualifiedName } from '../names.ts';
import { check, invalid, required } from './field-errors.ts';
import { validateAnyMeta } from './object-meta.ts';

const MESSAGE_LIMIT_BYTES = 1024;
const NAME_LIMIT_BYTES = 128;

/** Of an event's metadata only the common rules hold, and only once all else is fine: its name is what may stand in a path. */
export function validateEvent(event: Event): FieldError[] {
  const errors = validateEventUpdate(event);
  return errors.length > 0 ? errors : validateAnyMeta(event.metadata, { namespaced: true, name: isPathSegmentName });
}

/** Also for an update: what an event tells may be told anew. */
export function validateEventUpdate(event: Event): FieldError[] {
  const { namespace = '' } = event.metadata;
  return [
    ...(event.eventTime ? validateNewKind(event) : validateSubject(event, ['', 'default'])),
    ...isDNS1123Subdomain(namespace).map((reason) => invalid('namespace', namespace, reason)),
  ];
}

/** An event with `eventTime` is one of the newer kind, which must say who reports what. */
function validateNewKind(event: Event): FieldError[] {
  const { reportingComponent = '' } = event;
  const named = (['reportingInstance', 'action', 'reason'] as const).flatMap((name) => [
    ...(event[name] ? [] : [required(name)]), ...checkLength(name, event[name], NAME_LIMIT_BYTES),
  ]);
  return [
    ...(event.involvedObject.namespace ? [] : validateSubject(event, ['default', 'kube-system'])),
    ...(reportingComponent === '' ? [required('reportingComponent')] : []),
    ...check('reportingComponent', reportingComponent, isQualifiedName),
    ...named,
    ...checkLength('message', event.message, MESSAGE_LIMIT_BYTES),
  ];
}

function checkLength(field: string, value: string | undefined, limit: number): FieldError[] {
  return Buffer.byteLength(value ?? '') > limit ? [invalid(field, '', `can have at most ${limit} characters`)] : [];
}

/** An event lies beside its subject; `clusterNamespaces` are where those of cluster-scoped objects may lie. */
function validateSubject({ metadata: { namespace = '' }, involvedObject }: Event, clusterNamespaces: string[]): FieldError[] {
  const subject = involvedObject.namespace ?? '';
  const matches = subject === '' ? clusterNamespaces.includes(namespace) : namespace === subject;
  return matches ? [] : [invalid('involvedObject.namespace', subject, 'does not match event.namespace')];
}
