import type { LogChunk, LogPiece } from './log-chunk.ts';
import type { LogOptions } from './log-options.ts';

/** What one reader gets of a log's chunks: since when, with timestamps or without, at most so many bytes. */
export class LogText {
  readonly #options: LogOptions;
  #left: number;
  #atLineStart = true;
  #begun: boolean;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
    this.#begun = options.sinceMs === undefined;
  }

  /** The limit is reached. */
  get done(): boolean {
    return this.#left <= 0;
  }

  /** Of the chunk that comes next; maybe nothing. */
  of(chunk: LogChunk): Buffer {
    const from = this.#begun ? 0 : this.#begin(chunk);
    const { text, endsLine } = chunk.text({ timestamps: this.#options.timestamps, atLineStart: this.#atLineStart }, from);
    this.#atLineStart = endsLine;
    return this.#limited(text);
  }

  /** The same, apart by stream. */
  pieces(chunk: LogChunk): LogPiece[] {
    const from = this.#begun ? 0 : this.#begin(chunk);
    const { pieces, endsLine } = chunk.pieces({ timestamps: this.#options.timestamps, atLineStart: this.#atLineStart }, from);
    this.#atLineStart = endsLine;
    return pieces.map(({ stream, text }) => ({ stream, text: this.#limited(text) })).filter(({ text }) => text.length > 0);
  }

  #limited(text: Buffer): Buffer {
    const piece = text.length > this.#left ? text.subarray(0, this.#left) : text;
    this.#left -= piece.length;
    return piece;
  }

  /** The first line that is new enough: all that follow it are wanted, whatever the clock did meanwhile. */
  #begin({ lines }: LogChunk): number {
    for (const [index, { timestamp, partial }] of lines.entries()) {
      this.#begun = this.#atLineStart && Date.parse(timestamp) >= (this.#options.sinceMs ?? 0);
      if (this.#begun) return index;
      this.#atLineStart = !partial;
    }
    return lines.length;
  }
}
