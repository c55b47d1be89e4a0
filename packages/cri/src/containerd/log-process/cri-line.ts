/** A longer line is written in parts, each but the last tagged P (Kubernetes' CRI log format). */
export const MAX_LINE_BYTES = 16 * 1024;

const NEWLINE = 0x0a;
const newline = Buffer.from('\n');

/**
 * Turns one stream's bytes into CRI log lines `TIME STREAM F|P TEXT`. A line's bytes are never changed, whatever their
 * encoding; what has no newline yet waits for `feed` or `flush`.
 */
export class CriLineEncoder {
  readonly #stream: 'stdout' | 'stderr';
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: 'stdout' | 'stderr') {
    this.#stream = stream;
  }

  feed(chunk: Buffer, time: string): Buffer[] {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const full = Buffer.from(`${time} ${this.#stream} F `);
    const partial = Buffer.from(`${time} ${this.#stream} P `);
    const pieces: Buffer[] = [];
    let start = 0;
    for (;;) {
      const end = data.indexOf(NEWLINE, start);
      const limit = start + MAX_LINE_BYTES;
      if (end !== -1 && end <= limit) {
        pieces.push(full, data.subarray(start, end + 1));
        start = end + 1;
      } else if (data.length > limit) {
        pieces.push(partial, data.subarray(start, limit), newline);
        start = limit;
      } else {
        // A copy, so that a small rest does not keep the whole chunk alive.
        this.#rest = Buffer.from(data.subarray(start));
        return pieces;
      }
    }
  }

  /** The end of the stream: a last line without a newline counts as whole. */
  flush(time: string): Buffer[] {
    if (this.#rest.length === 0) return [];
    const pieces = [Buffer.from(`${time} ${this.#stream} F `), this.#rest, newline];
    this.#rest = Buffer.alloc(0);
    return pieces;
  }
}
