import type { KubeObject } from '@podling/shared/api';

const texts = new WeakMap<object, string>();

/** The JSON of an object that nobody changes any more: made once, however many clients want it. */
export function encodeShared(object: KubeObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

const lines = new WeakMap<object, Partial<Record<WatchEventType, Buffer>>>();

export function encodeEventOnce(type: WatchEventType, object: object): Buffer {
  return Buffer.from(`{"type":"${type}","object":${JSON.stringify(object)}}\n`);
}

/** One watch event as a line of JSON; made once per object and type, for all watchers. */
export function encodeEvent(type: WatchEventType, object: object): Buffer {
  let known = lines.get(object);
  if (!known) lines.set(object, (known = {}));
  return (known[type] ??= encodeEventOnce(type, object));
}
