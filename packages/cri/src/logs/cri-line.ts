export type LogStream = 'stdout' | 'stderr';

/** One line of a CRI log: `2026-01-02T03:04:05.000000006Z stdout F text`. */
export interface CriLine {
  /** As written; '' for a line that is not in the format, all of which is content. */
  timestamp: string;
  /** `stdout` for a line that is not in the format. */
  stream: LogStream;
  /** A piece of a longer line: no newline belongs after it. */
  partial: boolean;
  content: Buffer;
}

const [space, colon, dash] = [0x20, 0x3a, 0x2d];
const letterT = 0x54;
const letterP = 0x50;
/** Enough for the longest time, stream and tag. */
export const longestHeaderBytes = 128;
const shortestTime = '2026-01-02T03:04:05Z'.length;

/** Parses a line without its newline. */
export function parseCriLine(line: Buffer): CriLine {
  const time = line.indexOf(space);
  const stream = time < shortestTime || !hasTime(line) ? -1 : line.indexOf(space, time + 1);
  const name = stream < 0 ? '' : line.toString('latin1', time + 1, stream);
  if (!isStream(name)) return { timestamp: '', stream: 'stdout', partial: false, content: line };
  const tag = line.indexOf(space, stream + 1);
  const content = tag < 0 ? line.subarray(line.length) : line.subarray(tag + 1);
  return { timestamp: line.toString('latin1', 0, time), stream: name, partial: isPartial(line, stream + 1), content };
}

/** A time with all nine digits of its nanoseconds; some runtimes leave out zeros at the end. */
export function fixedWidthTime(timestamp: string): string {
  const [, seconds = '', fraction = '', zone = ''] = /^(.{19})(?:\.(\d+))?(.*)$/s.exec(timestamp) ?? [];
  return `${seconds}.${fraction.padEnd(9, '0')}${zone}`;
}

function hasTime(line: Buffer): boolean {
  return line[4] === dash && line[7] === dash && line[10] === letterT;
}

function isStream(text: string): text is LogStream {
  return text === 'stdout' || text === 'stderr';
}

/** The first of the tags, which colons part, is `P`. */
function isPartial(line: Buffer, at: number): boolean {
  const after = line[at + 1];
  return line[at] === letterP && (after === undefined || after === space || after === colon);
}
