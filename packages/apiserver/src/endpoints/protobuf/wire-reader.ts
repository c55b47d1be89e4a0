/** Bytes that are no protobuf message of the kind they claim to be: 400 on the wire. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

export type WireValue = bigint | Buffer;

export interface WireField {
  number: number;
  /** A varint or fixed-width number as its 64 bits, unsigned; bytes for everything with a length. */
  value: WireValue;
}

const maxFieldNumber = 2 ** 29 - 1;

/** Reads the fields of one message in their order. Upstream twin: protobuf's encoding, wire types 0, 1, 2 and 5. */
export class WireReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  /** Throws {@link ProtobufError} for anything that is cut short or malformed. */
  next(): WireField {
    const tag = Number(this.varint());
    const number = Math.floor(tag / 8);
    if (number < 1 || number > maxFieldNumber) throw new ProtobufError(`illegal tag ${number}`);
    return { number, value: this.#value(tag % 8) };
  }

  varint(): bigint {
    let value = 0;
    let scale = 1;
    for (let shift = 0; shift < 49; shift += 7, scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return BigInt(value);
    }
    return this.#longVarint(BigInt(value));
  }

  #longVarint(low: bigint): bigint {
    let value = low;
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError('integer overflow');
  }

  #value(wireType: number): WireValue {
    switch (wireType) {
      case 0:
        return this.varint();
      case 1:
        return this.#take(8).readBigUInt64LE();
      case 2:
        return this.#take(Number(this.varint()));
      case 5:
        return BigInt(this.#take(4).readUInt32LE());
      default:
        throw new ProtobufError(`illegal wire type ${wireType}`);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw new ProtobufError('unexpected EOF');
    this.#offset += 1;
    return byte;
  }

  #take(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new ProtobufError('unexpected EOF');
    const bytes = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return bytes;
  }
}

/** The last value of each field of a small message whose fields all are scalars. */
export function scalarsOf(bytes: Buffer): Map<number, WireValue> {
  const fields = new Map<number, WireValue>();
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const { number, value } = reader.next();
    fields.set(number, value);
  }
  return fields;
}

export function asBytes(value: WireValue | undefined): Buffer {
  if (value === undefined) return Buffer.alloc(0);
  if (typeof value === 'bigint') throw new ProtobufError('wrong wire type: a number where bytes are expected');
  return value;
}

export const asText = (value: WireValue | undefined): string => asBytes(value).toString('utf8');

/** As int64 of two's complement, which is how int32 comes too. */
export function asInteger(value: WireValue | undefined): bigint {
  if (value === undefined) return 0n;
  if (typeof value !== 'bigint') throw new ProtobufError('wrong wire type: bytes where a number is expected');
  return BigInt.asIntN(64, value);
}
