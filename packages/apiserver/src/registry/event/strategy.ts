import type { Event } from '@podling/shared/api';
import { eventKind } from '@podling/shared/scheme';
import { plainStrategy } from '../rest/plain-strategy.ts';
import type { Strategy } from '../rest/strategy.ts';
import { referenceFields } from './reference-fields.ts';

function eventFields({ involvedObject, reason, reportingComponent, source, type }: Event): Record<string, string> {
  return {
    ...referenceFields('involvedObject', involvedObject),
    reason: reason ?? '',
    reportingComponent: reportingComponent ?? '',
    source: source?.component ?? reportingComponent ?? '',
    type: type ?? '',
  };
}

/** Events vanish `ttlSeconds` after their last write, so that they cannot fill the store. */
export function createEventStrategy(ttlSeconds: number): Strategy<Event> {
  return plainStrategy(eventKind, { allowsCreateOnUpdate: true, ttlSeconds, selectableFields: eventFields });
}
