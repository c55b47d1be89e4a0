import type { EventsEvent } from '@podling/shared/api';
import { eventsEventKind } from '@podling/shared/scheme';
import { plainStrategy } from '../rest/plain-strategy.ts';
import type { Strategy } from '../rest/strategy.ts';

function eventFields({ regarding = {}, reason, reportingController, type }: EventsEvent): Record<string, string> {
  return {
    'regarding.kind': regarding.kind ?? '',
    'regarding.namespace': regarding.namespace ?? '',
    'regarding.name': regarding.name ?? '',
    'regarding.uid': regarding.uid ?? '',
    'regarding.apiVersion': regarding.apiVersion ?? '',
    'regarding.resourceVersion': regarding.resourceVersion ?? '',
    'regarding.fieldPath': regarding.fieldPath ?? '',
    reason: reason ?? '',
    reportingController: reportingController ?? '',
    type: type ?? '',
  };
}

/** Events as events.k8s.io/v1 shows them; see `createEventStrategy`. */
export function createEventsEventStrategy(ttlSeconds: number): Strategy<EventsEvent> {
  return plainStrategy(eventsEventKind, { ttlSeconds, selectableFields: eventFields });
}
