/** One line of a CRI log: `2026-01-02T03:04:05.000000006Z stdout F text`. */
export interface CriLine {
  /** As written, nanoseconds and all. */
  timestamp: string;
  stream: 'stdout' | 'stderr';
  /** A piece of a longer line: no newline belongs after it. */
  partial: boolean;
  content: Buffer;
}

const space = 0x20;

/** Parses a line without its newline; undefined for one that is not in the format. */
export function parseCriLine(line: Buffer): CriLine | undefined {
  const first = line.indexOf(space);
  const second = first < 0 ? -1 : line.indexOf(space, first + 1);
  if (second < 0) return undefined;
  const third = line.indexOf(space, second + 1);
  const stream = line.toString('latin1', first + 1, second);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  const tags = line.toString('latin1', second + 1, third < 0 ? line.length : third);
  const content = third < 0 ? Buffer.alloc(0) : line.subarray(third + 1);
  return { timestamp: line.toString('latin1', 0, first), stream, partial: tags.split(':')[0] === 'P', content };
}
