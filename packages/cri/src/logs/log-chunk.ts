import { fixedWidthTime, parseCriLine, type CriLine, type LogStream } from './cri-line.ts';

/** How a reader wants its text. */
export interface LogStyle {
  timestamps: boolean;
  /** What was read before ended a line: a timestamp belongs before a whole line, not before each of its pieces. */
  atLineStart: boolean;
}

export interface LogPart {
  text: Buffer;
  /** The next text begins a line. */
  endsLine: boolean;
}

/** What was said on one stream. */
export interface LogPiece {
  stream: LogStream;
  text: Buffer;
}

const newline = 0x0a;
const lineEnd = Buffer.from([newline]);

/** Some lines of a log file. Readers that want them in the same style share the text. */
export class LogChunk {
  /** How much of the file it is. */
  readonly bytes: number;
  readonly #data: Buffer;
  readonly #texts = new Map<string, LogPart>();
  #lines: CriLine[] | undefined;

  /** Whole lines with their newlines, or a piece of a line that is too long for one chunk. */
  constructor(data: Buffer) {
    this.bytes = data.length;
    this.#data = data;
  }

  get lines(): readonly CriLine[] {
    return (this.#lines ??= [...linesOf(this.#data)]);
  }

  /** The same, apart by the stream that it was said on. */
  pieces(style: LogStyle, from = 0): { pieces: LogPiece[]; endsLine: boolean } {
    const pieces: LogPiece[] = [];
    let { atLineStart } = style;
    for (const run of runsOf(this.lines.slice(from))) {
      const { text, endsLine } = textOf(run, { ...style, atLineStart });
      pieces.push({ stream: run[0]?.stream ?? 'stdout', text });
      atLineStart = endsLine;
    }
    return { pieces, endsLine: atLineStart };
  }

  /** The text of the lines from the one with this index on. */
  text(style: LogStyle, from = 0): LogPart {
    if (from > 0) return textOf(this.lines.slice(from), style);
    const key = `${style.timestamps} ${style.atLineStart}`;
    const text = this.#texts.get(key) ?? textOf(this.lines, style);
    this.#texts.set(key, text);
    return text;
  }
}

function* linesOf(data: Buffer): Generator<CriLine> {
  let start = 0;
  for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline, start)) {
    yield parseCriLine(data.subarray(start, end));
    start = end + 1;
  }
  if (start < data.length) yield { ...parseCriLine(data.subarray(start)), partial: true };
}

/** Lines of one stream, as long as no other comes between. */
function runsOf(lines: readonly CriLine[]): CriLine[][] {
  const runs: CriLine[][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.[0]?.stream === line.stream) last.push(line);
    else runs.push([line]);
  }
  return runs;
}

function textOf(lines: readonly CriLine[], { timestamps, atLineStart }: LogStyle): LogPart {
  const parts: Buffer[] = [];
  let endsLine = atLineStart;
  for (const { timestamp, partial, content } of lines) {
    if (timestamps && endsLine && timestamp !== '') parts.push(Buffer.from(`${fixedWidthTime(timestamp)} `));
    parts.push(content);
    if (!partial) parts.push(lineEnd);
    endsLine = !partial;
  }
  return { text: Buffer.concat(parts), endsLine };
}
