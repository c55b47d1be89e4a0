export const frameTypes = { SYN_STREAM: 1, SYN_REPLY: 2, RST_STREAM: 3, SETTINGS: 4, PING: 6, GOAWAY: 7, HEADERS: 8, WINDOW_UPDATE: 9 } as const;

export const FLAG_FIN = 0x01;

const VERSION = 3;
const HEAD_BYTES = 8;
const MAX_CONTROL_BYTES = 64 * 1024;

export interface ControlFrame {
  kind: 'control';
  type: number;
  flags: number;
  body: Buffer;
}

/** A part of a data frame: what has come of it. `fin` with the last part. */
export interface DataPart {
  kind: 'data';
  streamId: number;
  fin: boolean;
  data: Buffer;
}

/** Cuts what a socket gives into frames. Data is handed on as it comes, so a frame of 16 MiB waits nowhere. */
export class FrameReader {
  #buffer: Buffer = Buffer.alloc(0);
  #data: { streamId: number; fin: boolean; left: number } | undefined;

  /** Throws for what is no frame of SPDY/3; nothing is to be read then any more. */
  *read(chunk: Buffer): Generator<ControlFrame | DataPart> {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) yield frame;
  }

  #next(): ControlFrame | DataPart | undefined {
    if (this.#data !== undefined) return this.#dataPart(this.#data);
    if (this.#buffer.length < HEAD_BYTES) return undefined;
    const first = this.#buffer.readUInt32BE(0);
    const flags = this.#buffer.readUInt8(4);
    const length = this.#buffer.readUIntBE(5, 3);
    if (first < 0x8000_0000) {
      this.#take(HEAD_BYTES);
      this.#data = { streamId: first, fin: (flags & FLAG_FIN) !== 0, left: length };
      return this.#dataPart(this.#data);
    }
    return this.#control(first, flags, length);
  }

  #control(first: number, flags: number, length: number): ControlFrame | undefined {
    if (((first >>> 16) & 0x7fff) !== VERSION) throw new Error('not a frame of SPDY/3');
    if (length > MAX_CONTROL_BYTES) throw new Error('a control frame of SPDY is too large');
    if (this.#buffer.length < HEAD_BYTES + length) return undefined;
    const body = this.#take(HEAD_BYTES + length).subarray(HEAD_BYTES);
    return { kind: 'control', type: first & 0xffff, flags, body };
  }

  #dataPart(open: { streamId: number; fin: boolean; left: number }): DataPart | undefined {
    if (open.left > 0 && this.#buffer.length === 0) return undefined;
    const data = this.#take(Math.min(open.left, this.#buffer.length));
    open.left -= data.length;
    const last = open.left === 0;
    if (last) this.#data = undefined;
    return { kind: 'data', streamId: open.streamId, fin: open.fin && last, data };
  }

  #take(bytes: number): Buffer {
    const taken = this.#buffer.subarray(0, bytes);
    this.#buffer = this.#buffer.subarray(bytes);
    return taken;
  }
}

export function controlFrame(type: number, flags: number, ...body: Buffer[]): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(0x8000 | VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(body.reduce((sum, { length }) => sum + length, 0), 5, 3);
  return Buffer.concat([head, ...body]);
}

/** The head alone: the data goes after it, as it is. */
export function dataFrameHead(streamId: number, flags: number, length: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(length, 5, 3);
  return head;
}

export function uint32s(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
}
