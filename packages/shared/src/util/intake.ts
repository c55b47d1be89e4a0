import { Readable } from 'node:stream';

/** Feeds several readers from one source, which stops while one of them has enough. What comes for one that is destroyed is dropped. */
export class Intake {
  readonly #source: { pause(): unknown; resume(): unknown };
  readonly #full = new Set<object>();

  constructor(source: { pause(): unknown; resume(): unknown }) {
    this.#source = source;
  }

  /** One that takes what it is given. `highWaterMark`: how much is enough, in bytes; default: a stream's own. */
  reader(options: { highWaterMark?: number } = {}): Readable {
    const reader: Readable = new Readable({
      ...options,
      read: () => this.wanted(reader),
      destroy: (error, done) => {
        this.wanted(reader);
        done(error);
      },
    });
    return reader;
  }

  give(reader: Readable, data: Buffer): void {
    if (!reader.destroyed && !reader.push(data)) this.stop(reader);
  }

  /** A reader has enough for now. */
  stop(reader: object): void {
    this.#full.add(reader);
    this.#source.pause();
  }

  /** It takes more, or nothing ever again. */
  wanted(reader: object): void {
    if (this.#full.delete(reader) && this.#full.size === 0) this.#source.resume();
  }
}
