import { constants, createInflate } from 'node:zlib';
import { spdyDictionary } from './dictionary.ts';

/** By lower-case name. */
export type SpdyHeaders = Record<string, string>;

const MAX_BLOCK_BYTES = 64 * 1024;
const ZLIB_HEADER = Buffer.from([0x78, 0x01]);
/** Ends a block so that the other side has all of it: what a sync flush is. */
const FLUSH = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** Writes the header blocks of one direction. They are one stream of zlib, here without compression: a stream's headers are a few bytes. */
export class HeaderWriter {
  #begun = false;

  block(headers: SpdyHeaders): Buffer {
    const entries = Object.entries(headers);
    const plain = Buffer.concat([uint32(entries.length), ...entries.flatMap(([name, value]) => [...text(name.toLowerCase()), ...text(value)])]);
    if (plain.length > MAX_BLOCK_BYTES - 1) throw new Error('the headers of a stream are too large');
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(plain.length, 1);
    stored.writeUInt16LE(~plain.length & 0xffff, 3);
    const head = this.#begun ? [] : [ZLIB_HEADER];
    this.#begun = true;
    return Buffer.concat([...head, stored, plain, FLUSH]);
  }
}

/** Reads the header blocks of one direction, each in its turn. */
export class HeaderReader {
  readonly #inflate = createInflate({ dictionary: spdyDictionary, finishFlush: constants.Z_SYNC_FLUSH, flush: constants.Z_SYNC_FLUSH });
  #failed: Error | undefined;

  constructor() {
    this.#inflate.on('error', (error) => (this.#failed ??= error));
  }

  /** Fails for a block that is none, or is larger than headers are. */
  async read(block: Buffer): Promise<SpdyHeaders> {
    const parts: Buffer[] = [];
    let size = 0;
    const collect = (part: Buffer): void => {
      size += part.length;
      if (size <= MAX_BLOCK_BYTES) parts.push(part);
      else this.#inflate.destroy((this.#failed ??= new Error('the headers of a stream are too large')));
    };
    this.#inflate.on('data', collect);
    await this.#write(block).finally(() => this.#inflate.off('data', collect));
    if (this.#failed !== undefined) throw this.#failed;
    return parse(Buffer.concat(parts));
  }

  close(): void {
    this.#inflate.destroy();
  }

  #write(block: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failed !== undefined || this.#inflate.destroyed) {
        reject(this.#failed ?? new Error('the connection is closed'));
        return;
      }
      const closed = (): void => reject(this.#failed ?? new Error('the connection is closed'));
      this.#inflate.once('close', closed);
      this.#inflate.write(block, (error) => {
        this.#inflate.off('close', closed);
        if (error) reject(error);
        else resolve();
      });
    });
  }
}

function parse(plain: Buffer): SpdyHeaders {
  let at = 0;
  const number = (): number => {
    if (at + 4 > plain.length) throw new Error('the headers of a stream are cut off');
    at += 4;
    return plain.readUInt32BE(at - 4);
  };
  const string = (): string => {
    const length = number();
    if (at + length > plain.length) throw new Error('the headers of a stream are cut off');
    at += length;
    return plain.toString('utf8', at - length, at);
  };
  const headers: SpdyHeaders = Object.create(null) as SpdyHeaders;
  for (let left = number(); left > 0; left -= 1) headers[string().toLowerCase()] = string();
  return headers;
}

function text(value: string): Buffer[] {
  const bytes = Buffer.from(value);
  return [uint32(bytes.length), bytes];
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
