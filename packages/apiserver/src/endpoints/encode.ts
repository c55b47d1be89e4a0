import type { KubeObject } from '@podling/shared/api';
import { writtenJson } from '../storage/codec.ts';

/** The JSON of an object; of one that a write has answered, the bytes that were stored. */
export function encodeObject(object: KubeObject): Buffer {
  return writtenJson(object) ?? Buffer.from(JSON.stringify(object));
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** How one event lies on the wire: what comes before and after the JSON of its object. */
export interface Framing {
  /** Appends the event to `parts`. */
  frame(parts: Buffer[], type: WatchEventType, json: Buffer): void;
}

const eventTypes: readonly WatchEventType[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'];
const openings = Object.fromEntries(eventTypes.map((type) => [type, Buffer.from(`{"type":"${type}","object":`)])) as Record<WatchEventType, Buffer>;
const lineEnd = Buffer.from('}\n');
const frameEnd = Buffer.from('}');

/** A line of JSON. */
export const lineFraming: Framing = {
  frame(parts, type, json) {
    parts.push(openings[type], json, lineEnd);
  },
};

/** A text frame of its own (RFC 6455, 5.2), final and unmasked as a server's are. */
export const webSocketFraming: Framing = {
  frame(parts, type, json) {
    const opening = openings[type];
    parts.push(textFrameHead(opening.length + json.length + frameEnd.length), opening, json, frameEnd);
  },
};

const finalText = 0x81;
const length16 = 126;
const length64 = 127;

function textFrameHead(length: number): Buffer {
  if (length < length16) return Buffer.from([finalText, length]);
  if (length <= 0xffff) return Buffer.from([finalText, length16, length >>> 8, length & 0xff]);
  const head = Buffer.alloc(10);
  head[0] = finalText;
  head[1] = length64;
  head.writeUIntBE(length, 4, 6);
  return head;
}
