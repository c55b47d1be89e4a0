import type { Io } from '../../io.ts';

export interface PrintOptions {
  /** Before each line; '' for none. */
  prefix: string;
  /** Others print at the same time: only whole lines do not mix. */
  shared: boolean;
}

/** A line that is longer is printed in pieces. */
const LONGEST_LINE_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Bytes pass untouched to a file or pipe; a terminal gets whole lines that cannot take it over. */
export async function printLog(io: Io, body: AsyncIterable<Uint8Array>, { prefix, shared }: PrintOptions): Promise<void> {
  const isPlain = prefix === '' && io.terminal === undefined;
  for await (const chunk of isPlain && !shared ? body : wholeLines(body)) {
    io.out(isPlain ? chunk : decorated(io, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length), prefix));
    await io.flush();
  }
}

/** Whole lines, several at once; what is left at the end gets a line end when others may follow it. */
async function* wholeLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    const data = Buffer.concat([rest, chunk]);
    const end = data.length > LONGEST_LINE_BYTES ? data.length : data.lastIndexOf(NEWLINE) + 1;
    if (end > 0) yield data.subarray(0, end);
    rest = data.subarray(end);
  }
  if (rest.length > 0) yield Buffer.concat([rest, Buffer.from([NEWLINE])]);
}

function decorated(io: Io, lines: Buffer, prefix: string): Buffer | string {
  if (io.terminal !== undefined) {
    const text = lines.toString('utf8');
    return prefix === '' ? text : text.replaceAll(/(?<=^|\n)(?=[^])/g, prefix);
  }
  const parts: Buffer[] = [];
  const before = Buffer.from(prefix);
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(NEWLINE, start);
    const next = end < 0 ? lines.length : end + 1;
    parts.push(before, lines.subarray(start, next));
    start = next;
  }
  return Buffer.concat(parts);
}
