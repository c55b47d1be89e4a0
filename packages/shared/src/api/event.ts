import type { Static } from 'typebox';
import { ObjectMetaSchema, typeMeta, type ObjectMeta } from './object-meta.ts';
import { ObjectReferenceSchema, type ObjectReference } from './object-reference.ts';
import { int32, microTimeOrNull, model, named, string, timeOrNull } from './schema.ts';

export const EventSourceSchema = model('core.v1.EventSource', {}, { component: string, host: string });
export interface EventSource extends Static<typeof EventSourceSchema> {}

export const EventSeriesSchema = model('core.v1.EventSeries', {}, { count: int32, lastObservedTime: microTimeOrNull });
export interface EventSeries extends Static<typeof EventSeriesSchema> {}

export const EventSchema = model(
  'core.v1.Event',
  { metadata: named<ObjectMeta>(ObjectMetaSchema), involvedObject: named<ObjectReference>(ObjectReferenceSchema) },
  {
    ...typeMeta,
    reason: string,
    message: string,
    source: named<EventSource>(EventSourceSchema),
    firstTimestamp: timeOrNull,
    lastTimestamp: timeOrNull,
    count: int32,
    /** `Normal` or `Warning`; new types may come. */
    type: string,
    eventTime: microTimeOrNull,
    series: named<EventSeries>(EventSeriesSchema),
    action: string,
    related: named<ObjectReference>(ObjectReferenceSchema),
    reportingComponent: string,
    reportingInstance: string,
  },
  { defaults: { metadata: {}, involvedObject: {}, source: {}, reportingComponent: '', reportingInstance: '' } },
);
export interface Event extends Static<typeof EventSchema> {}
