import { appendFile, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@podling/shared/testing';
import { systemClock } from '@podling/shared/util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LogPiece } from './log-chunk.ts';
import type { LogOptions } from './log-options.ts';
import type { LogSource } from './log-tail.ts';
import { LogTails } from './log-tails.ts';
import { followLog, readLog, readLogPieces } from './read-log.ts';

const all: LogOptions = { timestamps: false };
const time = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.123456789Z`;
const line = (second: number, text: string, tag = 'F', stream = 'stdout'): string => `${time(second)} ${stream} ${tag} ${text}\n`;

async function tempDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'podling-log-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function logOf(...files: string[]): Promise<string> {
  const path = join(await tempDir(), '0.log');
  for (const [index, text] of files.toReversed().entries()) await writeFile(index === 0 ? path : `${path}.${index}`, text);
  return path;
}

async function read(path: string, options: Partial<LogOptions> = {}): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readLog(path, { ...all, ...options })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

interface Piece {
  partial: boolean;
  second: number;
  text: string;
}

/** What is wanted of the pieces of a log, worked out line by line. */
function plainly(pieces: readonly Piece[], since: number | undefined, { timestamps, tailLines, limitBytes }: LogOptions): string {
  const lines: Piece[][] = [[]];
  for (const piece of pieces) {
    lines.at(-1)?.push(piece);
    if (!piece.partial) lines.push([]);
  }
  const all = lines.filter(({ length }) => length > 0);
  const tail = tailLines === undefined ? all : all.slice(Math.max(all.length - tailLines, 0));
  const first = tail.findIndex(([piece]) => since === undefined || (piece?.second ?? 0) >= since);
  const texts = (first < 0 ? [] : tail.slice(first)).map((line_) => {
    const end = line_.at(-1)?.partial ? '' : '\n';
    return `${timestamps ? `${time(line_[0]?.second ?? 0)} ` : ''}${line_.map(({ text }) => text).join('')}${end}`;
  });
  return Buffer.from(texts.join('')).subarray(0, limitBytes).toString();
}

describe('readLogPieces', () => {
  it('tells on which stream what was said, within one limit', async () => {
    const path = await logOf(`${line(1, 'one')}${line(2, 'two', 'P')}${line(3, 'oops', 'F', 'stderr')}${line(4, ' more')}`);
    const pieces: LogPiece[] = [];
    for await (const some of readLogPieces(path, { ...all, limitBytes: 12 })) pieces.push(...some);
    expect(pieces.map(({ stream, text }) => [stream, text.toString()])).toEqual([['stdout', 'one\ntwo'], ['stderr', 'oops\n']]);
  });
});

describe('readLog', () => {
  it('gives both streams in order without their prefixes', async () => {
    expect(await read(await logOf(line(1, 'out') + line(2, 'err', 'F', 'stderr')))).toBe('out\nerr\n');
  });

  it('joins the pieces of a long line', async () => {
    expect(await read(await logOf(line(1, 'ab', 'P') + line(2, 'cd')))).toBe('abcd\n');
  });

  it('keeps empty lines and bytes that are no UTF-8', async () => {
    const path = await logOf('');
    await writeFile(path, Buffer.concat([Buffer.from(line(1, '')), Buffer.from(`${time(2)} stdout F `), Buffer.from([0xff, 0x0a])]));
    const chunks: Buffer[] = [];
    for await (const chunk of readLog(path, all)) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(Buffer.from([0x0a, 0xff, 0x0a]));
  });

  it('reads rotated files first, oldest first', async () => {
    expect(await read(await logOf(line(1, 'one'), line(2, 'two'), line(3, 'three')))).toBe('one\ntwo\nthree\n');
  });

  it.each([
    [0, ''],
    [1, 'four\n'],
    [2, 'three\nfour\n'],
    [3, 'two\nthree\nfour\n'],
    [99, 'one\ntwo\nthree\nfour\n'],
  ])('gives the last %i lines, across rotated files', async (tailLines, expected) => {
    const path = await logOf(line(1, 'one') + line(2, 'two'), line(3, 'three') + line(4, 'four'));
    expect(await read(path, { tailLines })).toBe(expected);
  });

  it.each([
    [0, ''],
    [1, 'five'],
    [2, 'four\nfive'],
    [3, 'long three\nfour\nfive'],
    [4, 'two\nlong three\nfour\nfive'],
  ])('counts a line in pieces once, also where a rotation parts it: of the last %i', async (tailLines, expected) => {
    const path = await logOf(line(1, 'one') + line(1, 'two') + line(2, 'lo', 'P') + line(2, 'ng', 'P:x'), line(2, ' three') + line(3, 'four') + line(4, 'fi', 'P'), line(4, 've', 'P'));
    expect(await read(path, { tailLines })).toBe(expected);
  });

  it('finds the tail where a line begins at the end of a read buffer', async () => {
    for (const before of [64 * 1024 - 200, 64 * 1024 - 1, 64 * 1024]) {
      const last = line(2, 'lo', 'P') + line(3, 'x'.repeat(before - line(3, '').length));
      expect((await read(await logOf(line(1, 'one') + line(1, 'two') + last), { tailLines: 2 })).slice(0, 7)).toBe('two\nlox');
    }
  });

  it('reads a line longer than its buffer in one, and one without end in pieces', async () => {
    const long = 'x'.repeat(300_000);
    expect(await read(await logOf(line(1, 'one') + line(2, long) + line(3, 'three')))).toBe(`one\n${long}\nthree\n`);
    const endless = 'y'.repeat(3_000_000);
    expect(await read(await logOf(line(1, endless) + line(3, 'three')))).toBe(`${endless}\nthree\n`);
  });

  it('finds the tail of a log larger than its read buffer', async () => {
    const text = Array.from({ length: 5000 }, (_, index) => line(index % 60, `line ${index} ${'x'.repeat(40)}`)).join('');
    const tail = await read(await logOf(text), { tailLines: 2 });
    expect(tail.match(/line \d+/g)).toEqual(['line 4998', 'line 4999']);
  });

  it.each<[string, Partial<LogOptions>]>([
    ['the tail', { tailLines: 2000 }],
    ['the whole', {}],
    ['the first bytes', { limitBytes: 10_000_000 }],
  ])('ends where the log ended when %s was asked for, though its container writes on and it is rotated', async (_, options) => {
    const text = Array.from({ length: 2000 }, (_value, index) => line(index % 60, `line ${index} ${'x'.repeat(100)}`)).join('');
    const path = await logOf(text, text);
    const seen: Buffer[] = [];
    for await (const chunk of readLog(path, { ...all, ...options })) {
      seen.push(chunk);
      await appendFile(path, line(5, 'late'));
      if (seen.length !== 2) continue;
      await rename(path, `${path}.2`);
      await writeFile(path, line(6, 'after the rotation'));
    }
    expect(seen.length).toBeGreaterThan(3);
    const lines = Buffer.concat(seen).toString().match(/line \d+|late|after/g);
    expect([lines?.length, lines?.at(-1)]).toEqual([options.tailLines ?? 4000, 'line 1999']);
  });

  it('leaves out what is older than asked', async () => {
    expect(await read(await logOf(line(1, 'old') + line(5, 'new')), { sinceMs: Date.parse(time(3)) })).toBe('new\n');
  });

  it('leaves out what is older than asked in files of any age, and half of a line that began before', async () => {
    const path = await logOf(line(1, 'old'), line(2, 'half', 'P') + line(4, ' new') + line(5, 'new') + line(1, 'the clock was set back'), '');
    await utimes(`${path}.2`, new Date(time(1)), new Date(time(1)));
    expect(await read(path, { sinceMs: Date.parse(time(3)) })).toBe('new\nthe clock was set back\n');
    expect(await read(path, { sinceMs: Date.now() + 60_000 })).toBe('');
  });

  it('writes times with all their digits, however the runtime wrote them', async () => {
    const text = ['2026-01-01T00:00:01Z stdout F a', '2026-01-01T02:00:01.5+02:00 stderr F b'].join('\n');
    expect(await read(await logOf(`${text}\n`), { timestamps: true })).toBe('2026-01-01T00:00:01.000000000Z a\n2026-01-01T02:00:01.500000000+02:00 b\n');
  });

  it.each(['no log', 'a stdout F b', '2026-01-01T00:00:01Z stdin F x', ''])('passes on %j, which is no line of a log, as it is', async (text) => {
    expect(await read(await logOf(`${text}\n${line(1, 'one')}`))).toBe(`${text}\none\n`);
  });

  it('gives what a plain reading of the options says, in all their combinations', async () => {
    const piece = fc.record({ partial: fc.boolean(), second: fc.nat(59), text: fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\n', '')) });
    const options = fc.record({ timestamps: fc.boolean(), tailLines: fc.nat(8), limitBytes: fc.integer({ min: 1, max: 200 }), second: fc.nat(59) }, { requiredKeys: ['timestamps'] });
    const files = fc.array(fc.array(piece, { maxLength: 6 }), { minLength: 1, maxLength: 4 });
    await fc.assert(fc.asyncProperty(files, options, async (pieces, { second, ...rest }) => {
      // Time goes forward.
      const seconds = pieces.flat().map((one) => one.second).sort((a, b) => a - b);
      const dated = pieces.map((file) => file.map((one) => ({ ...one, second: seconds.shift() ?? 0 })));
      const path = await logOf(...dated.map((file) => file.map((one) => line(one.second, one.text, one.partial ? 'P' : 'F')).join('')));
      const wanted = { ...rest, ...(second === undefined ? {} : { sinceMs: Date.parse(time(second)) }) };
      expect(await read(path, wanted)).toBe(plainly(dated.flat(), second, rest));
    }), { numRuns: 150 });
  });

  it('puts the time before a line, and before a long one once', async () => {
    expect(await read(await logOf(line(1, 'a', 'P') + line(2, 'b') + line(3, 'c')), { timestamps: true })).toBe(`${time(1)} ab\n${time(3)} c\n`);
  });

  it('stops after so many bytes', async () => {
    expect(await read(await logOf(line(1, 'abcdef') + line(2, 'gh')), { limitBytes: 8 })).toBe('abcdef\ng');
  });

  it('gives nothing for a log that is not there', async () => {
    expect(await read(join(await tempDir(), 'none.log'))).toBe('');
  });

  it('does not follow a link', async () => {
    const directory = await tempDir();
    await writeFile(join(directory, 'secret'), 'secret\n');
    await symlink(join(directory, 'secret'), join(directory, '0.log'));
    await expect(read(join(directory, '0.log'))).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it.each(['pod', 'pod/web'])('does not follow a link in place of a folder: %s', async (name) => {
    const directory = await tempDir();
    await mkdir(join(directory, 'outside/web'), { recursive: true });
    await writeFile(join(directory, 'outside/web/0.log'), line(1, 'secret'));
    await mkdir(join(directory, 'logs', name, '..'), { recursive: true });
    await symlink(join(directory, 'outside', name === 'pod' ? '' : 'web'), join(directory, 'logs', name));
    await expect(read(join(directory, 'logs/pod/web/0.log'))).rejects.toMatchObject({ code: expect.stringMatching(/ENOTDIR|ELOOP/) as string });
  });

  it('refuses what is not a file', async () => {
    const path = join(await tempDir(), '0.log');
    await mkdir(path);
    await expect(read(path)).rejects.toThrow('not a regular file');
  });
});

describe('followLog', () => {
  const hurried = { ...systemClock, setTimeout: (callback: () => void, delayMs: number) => systemClock.setTimeout(callback, delayMs / 20) };
  const tails = new LogTails(hurried);
  const ended = async (): Promise<number> => 0;
  const running = async (): Promise<undefined> => undefined;

  /** Calls a step after each piece of text. */
  async function follow(source: LogSource, steps: (() => Promise<unknown>)[], options: Partial<LogOptions> = {}): Promise<string> {
    let seen = '';
    for await (const chunk of followLog(tails, source, { ...all, ...options }, new AbortController().signal)) {
      seen += chunk.toString();
      await steps.shift()?.();
    }
    expect(tails.size).toBe(0);
    return seen;
  }

  it('goes on through a rotation and ends when the container has ended', async () => {
    const path = await logOf(line(1, 'one'));
    let endedMs: number | undefined;
    const steps = [
      () => appendFile(path, line(2, 'two')),
      async () => {
        await appendFile(path, line(3, 'three'));
        await rename(path, `${path}.1`);
        await writeFile(path, line(4, 'four'));
      },
      async () => {
        await appendFile(path, line(5, 'five'));
        endedMs = 0;
      },
    ];
    expect(await follow({ path, endedMs: async () => endedMs }, steps)).toBe('one\ntwo\nthree\nfour\nfive\n');
  });

  it('goes on though its file was renamed twice while it looked elsewhere, and does not wait for a file that is not there yet', async () => {
    const path = await logOf(line(1, 'one'));
    let endedMs: number | undefined;
    const steps = [
      async () => {
        await appendFile(path, line(2, 'two'));
        await rename(path, `${path}.20260101-000001`);
        await writeFile(path, line(3, 'three'));
        await rename(path, `${path}.20260101-000002`);
        // The runtime writes there until it is told of the new file.
        await appendFile(`${path}.20260101-000002`, line(4, 'four'));
      },
      async () => void (await writeFile(path, line(5, 'five'))),
      async () => void (endedMs = 0),
    ];
    const text = await follow({ path, endedMs: async () => endedMs }, steps);
    expect(text).toBe('one\ntwo\nthree\nfour\nfive\n');
  });

  it('ends at once when the container had ended before', async () => {
    const path = await logOf(line(1, 'one'));
    const clock = new FakeClock(Date.now());
    const seen: string[] = [];
    for await (const chunk of followLog(new LogTails(clock), { path, endedMs: ended }, all, new AbortController().signal)) seen.push(chunk.toString());
    expect([seen, clock.pendingTimers]).toEqual([['one\n'], 0]);
  });

  it('begins with the tail, and goes on with all that came since', async () => {
    const path = await logOf(line(1, 'one') + line(2, 'two'));
    expect(await follow({ path, endedMs: ended }, [], { tailLines: 1 })).toBe('two\n');
    let endedMs: number | undefined;
    const steps = [() => appendFile(path, line(3, 'three') + line(4, 'four')), async () => void (endedMs = 0)];
    expect(await follow({ path, endedMs: async () => endedMs }, steps, { tailLines: 1 })).toBe('two\nthree\nfour\n');
  });

  it('ends at its limit though the container runs', async () => {
    const path = await logOf(line(1, 'one') + line(2, 'two'));
    expect(await follow({ path, endedMs: running }, [], { limitBytes: 6, timestamps: false })).toBe('one\ntw');
  });

  it('goes on while the runtime does not answer, and ends by a late answer', async () => {
    const path = await logOf(line(1, 'one'));
    const { promise, resolve } = Promise.withResolvers<number>();
    const reading = followLog(tails, { path, endedMs: () => promise }, all, new AbortController().signal);
    expect(String((await reading.next()).value)).toBe('one\n');
    const second = reading.next();
    await appendFile(path, line(2, 'two'));
    expect(String((await second).value)).toBe('two\n');
    const third = reading.next();
    resolve(0);
    expect((await third).done).toBe(true);
  });

  it('ends when its reader leaves, and watches nothing any more', async () => {
    const path = await logOf(line(1, 'one'));
    const gone = new AbortController();
    const reading = followLog(tails, { path, endedMs: running }, all, gone.signal);
    expect((await reading.next()).value?.toString()).toBe('one\n');
    const waiting = reading.next();
    expect(tails.size).toBe(1);
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(tails.size).toBe(0);
  });

  it('asks the container and reads what is new once for all who follow it', async () => {
    const path = await logOf(line(1, 'one'));
    let asked = 0;
    const source = { path, endedMs: async () => void (asked += 1) };
    const gone = new AbortController();
    const readers = Array.from({ length: 20 }, () => followLog(tails, source, all, gone.signal));
    const take = async (): Promise<Buffer[]> => (await Promise.all(readers.map((reader) => reader.next()))).map(({ value }) => value as Buffer);
    await take();
    const [second] = [take(), await appendFile(path, line(2, 'two'))];
    const texts = await second;
    expect(texts.map(String)).toEqual(texts.map(() => 'two\n'));
    expect(new Set(texts).size).toBe(1);
    expect(asked).toBe(1);
    gone.abort(new Error('gone'));
    await Promise.allSettled(readers.map((reader) => reader.next()));
    expect(tails.size).toBe(0);
  });
});
