import type { EventsEvent } from '@podling/shared/api';
import { eventsEventKind } from '@podling/shared/scheme';
import { plainStrategy } from '../rest/plain-strategy.ts';
import type { Strategy } from '../rest/strategy.ts';
import { referenceFields } from './reference-fields.ts';

function eventFields({ regarding = {}, reason, reportingController, type }: EventsEvent): Record<string, string> {
  return {
    ...referenceFields('regarding', regarding),
    reason: reason ?? '',
    reportingController: reportingController ?? '',
    type: type ?? '',
  };
}

/** Events as events.k8s.io/v1 shows them; see `createEventStrategy`. */
export function createEventsEventStrategy(ttlSeconds: number): Strategy<EventsEvent> {
  return plainStrategy(eventsEventKind, { ttlSeconds, selectableFields: eventFields });
}
