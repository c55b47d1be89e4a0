import type { Event } from '@podling/shared/api';
import { eventKind } from '@podling/shared/scheme';
import type { Strategy } from '../rest/strategy.ts';

function eventFields(event: Event): Record<string, string> {
  const { involvedObject: about } = event;
  return {
    'involvedObject.kind': about.kind ?? '',
    'involvedObject.namespace': about.namespace ?? '',
    'involvedObject.name': about.name ?? '',
    'involvedObject.uid': about.uid ?? '',
    'involvedObject.apiVersion': about.apiVersion ?? '',
    'involvedObject.resourceVersion': about.resourceVersion ?? '',
    'involvedObject.fieldPath': about.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    source: event.source?.component ?? event.reportingComponent ?? '',
    type: event.type ?? '',
  };
}

/** Events vanish `ttlSeconds` after their last write, so that they cannot fill the store. */
export function createEventStrategy(ttlSeconds: number): Strategy<Event> {
  return {
    kind: eventKind,
    allowsUnconditionalUpdate: true,
    allowsCreateOnUpdate: true,
    returnsDeletedObject: false,
    ttlSeconds,
    selectableFields: eventFields,
    prepareForCreate: () => undefined,
    prepareForUpdate: () => undefined,
    validateUpdate: eventKind.validateUpdate,
  };
}
