import type { Event } from '../event.ts';

/** An event always says who reported it, if only that nobody is known. */
export function defaultEvent(event: Event): Event {
  const { source = {}, reportingComponent = '', reportingInstance = '' } = event;
  return { ...event, source, reportingComponent, reportingInstance };
}
