export { createEventRecorder, workFirstMs } from './event-recorder.ts';
export type { EventDetails, EventRecorder, EventRecorderOptions, EventType } from './event-recorder.ts';
