import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

export const DEFAULT_DETACH_KEYS = 'ctrl-p,ctrl-q';

const CTRL = '@abcdefghijklmnopqrstuvwxyz[\\]^_';

/** The bytes of `ctrl-p,ctrl-q`: single characters, or `ctrl-` and a letter or one of `@[\]^_`. */
export function parseDetachKeys(text: string): Buffer {
  const codes = text.split(',').map((key) => {
    const code = /^ctrl-.$/.test(key) ? CTRL.indexOf(key.slice(-1)) : key.length === 1 ? key.charCodeAt(0) : -1;
    if (code < 0 || code > 0x7f) throw new Error(`could not bind detach keys: Unknown character: '${key}'`);
    return code;
  });
  return Buffer.from(codes);
}

/** Hands on what is typed, holding back what may become the keys to leave with. */
export class DetachKeys extends Transform {
  readonly #keys: Buffer;
  readonly #onDetach: () => void;
  #matched = 0;

  constructor(keys: Buffer, onDetach: () => void) {
    super();
    this.#keys = keys;
    this.#onDetach = onDetach;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const passed: number[] = [];
    for (const byte of chunk) {
      if (byte !== this.#keys[this.#matched]) {
        passed.push(...this.#keys.subarray(0, this.#matched));
        this.#matched = 0;
      }
      if (byte === this.#keys[this.#matched]) this.#matched += 1;
      else passed.push(byte);
      if (this.#matched === this.#keys.length) {
        this.#onDetach();
        break;
      }
    }
    done(null, Buffer.from(passed));
  }
}
