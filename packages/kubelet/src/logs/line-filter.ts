import { parseCriLine, type CriLine } from './cri-line.ts';
import type { LogOptions } from './log-options.ts';

const lineEnd = Buffer.from('\n');

/** Turns CRI lines into what the reader asked for: since, timestamps, at most so many bytes. */
export class LineFilter {
  readonly #options: LogOptions;
  #left: number;
  /** A timestamp belongs before a whole line, not before each of its pieces. */
  #atLineStart = true;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  /** The limit is reached. */
  get done(): boolean {
    return this.#left <= 0;
  }

  /** Undefined for a line that is not wanted. A line that is not in the CRI format is passed on as it is. */
  apply(raw: Buffer): Buffer | undefined {
    const line = parseCriLine(raw);
    if (line === undefined) return this.#limited(Buffer.concat([raw, lineEnd]));
    if (this.#isTooOld(line)) return undefined;
    const prefix = this.#options.timestamps && this.#atLineStart ? [Buffer.from(`${line.timestamp} `)] : [];
    this.#atLineStart = !line.partial;
    return this.#limited(Buffer.concat([...prefix, line.content, ...(line.partial ? [] : [lineEnd])]));
  }

  #isTooOld({ timestamp }: CriLine): boolean {
    const { sinceMs } = this.#options;
    return sinceMs !== undefined && Date.parse(timestamp) < sinceMs;
  }

  #limited(data: Buffer): Buffer {
    const piece = data.length > this.#left ? data.subarray(0, this.#left) : data;
    this.#left -= piece.length;
    return piece;
  }
}
