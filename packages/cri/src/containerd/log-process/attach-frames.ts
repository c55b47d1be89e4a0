/** What a container says, to one who listens: `stream`, the length of the data in 4 bytes, the data. None is the stream's end. */
export interface AttachFrame {
  stream: OutputStream;
  data: Buffer;
}

export type OutputStream = 'stdout' | 'stderr';

const numbers: Record<OutputStream, number> = { stdout: 1, stderr: 2 };
const HEADER_BYTES = 5;
/** A FIFO is read in smaller pieces. */
const MAX_FRAME_BYTES = 1024 * 1024;

export function attachFrame(stream: OutputStream, data: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(numbers[stream], 0);
  header.writeUInt32BE(data.length, 1);
  return Buffer.concat([header, data]);
}

/** Splits a byte stream into frames, however it was cut. Throws on what is none. */
export class AttachFrameReader {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): AttachFrame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: AttachFrame[] = [];
    while (this.#rest.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.#length();
      if (this.#rest.length < end) break;
      frames.push({ stream: this.#rest[0] === numbers.stdout ? 'stdout' : 'stderr', data: this.#rest.subarray(HEADER_BYTES, end) });
      this.#rest = this.#rest.subarray(end);
    }
    return frames;
  }

  #length(): number {
    const [stream, length] = [this.#rest[0] ?? 0, this.#rest.readUInt32BE(1)];
    if (!Object.values(numbers).includes(stream) || length > MAX_FRAME_BYTES) throw new Error('the log process sends nonsense');
    return length;
  }
}
