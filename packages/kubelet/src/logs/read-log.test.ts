import { appendFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@podling/shared/util';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import type { LogOptions } from './log-options.ts';
import { readLog } from './read-log.ts';

const all: LogOptions = { follow: false, timestamps: false };
const time = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.123456789Z`;
const line = (second: number, text: string, tag = 'F', stream = 'stdout'): string => `${time(second)} ${stream} ${tag} ${text}\n`;

async function logOf(...files: string[]): Promise<string> {
  const path = join(await tempDir(), '0.log');
  for (const [index, text] of files.toReversed().entries()) await writeFile(index === 0 ? path : `${path}.${index}`, text);
  return path;
}

async function read(path: string, options: Partial<LogOptions> = {}): Promise<string> {
  const chunks: Buffer[] = [];
  const source = { path, isRunning: async () => false };
  for await (const chunk of readLog(source, { ...all, ...options }, systemClock, new AbortController().signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

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
    for await (const chunk of readLog({ path, isRunning: async () => false }, all, systemClock, new AbortController().signal)) chunks.push(chunk);
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

  it('finds the tail of a log larger than its read buffer', async () => {
    const text = Array.from({ length: 5000 }, (_, index) => line(index % 60, `line ${index} ${'x'.repeat(40)}`)).join('');
    const tail = await read(await logOf(text), { tailLines: 2 });
    expect(tail.match(/line \d+/g)).toEqual(['line 4998', 'line 4999']);
  });

  it.each<[string, Partial<LogOptions>, string]>([
    ['the tail', { tailLines: 2 }, 'two\nthree\n'],
    ['the whole', {}, 'one\ntwo\nthree\n'],
    ['the first bytes', { limitBytes: 100 }, 'one\ntwo\nthree\n'],
  ])('ends where the log ended when %s was asked for, though its container writes on and it is rotated', async (_, options, expected) => {
    const path = await logOf(line(1, 'one'), line(2, 'two') + line(3, 'three'));
    const seen: Buffer[] = [];
    const source = { path, isRunning: async () => true };
    for await (const chunk of readLog(source, { ...all, ...options }, systemClock, new AbortController().signal)) {
      if (seen.push(chunk) === 1) await appendFile(path, line(4, 'late').repeat(10));
      if (seen.length !== 2) continue;
      await appendFile(path, line(5, 'later'));
      await rename(path, `${path}.1`);
      await writeFile(path, line(6, 'after the rotation'));
    }
    expect(Buffer.concat(seen).toString()).toBe(expected);
  });

  it('leaves out what is older than asked', async () => {
    expect(await read(await logOf(line(1, 'old') + line(5, 'new')), { sinceMs: Date.parse(time(3)) })).toBe('new\n');
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

describe('readLog with follow', () => {
  it('goes on through a rotation and ends when the container has ended', async () => {
    const path = await logOf(line(1, 'one'));
    let running = true;
    const expected = ['one\n', 'two\n', 'three\n', 'four\n'];
    const steps = [
      () => appendFile(path, line(2, 'two')),
      async () => {
        await rename(path, `${path}.1`);
        await writeFile(path, line(3, 'three'));
      },
      async () => {
        await appendFile(path, line(4, 'four'));
        running = false;
      },
    ];
    const seen: string[] = [];
    const source = { path, isRunning: async () => running };
    for await (const chunk of readLog(source, { ...all, follow: true }, systemClock, new AbortController().signal)) {
      seen.push(chunk.toString());
      await steps.shift()?.();
    }
    expect(seen).toEqual(expected);
  });

  it('begins with the tail', async () => {
    const path = await logOf(line(1, 'one') + line(2, 'two'));
    expect(await read(path, { follow: true, tailLines: 1 })).toBe('two\n');
  });

  it('goes on after the tail with all that came since', async () => {
    const path = await logOf(line(1, 'one') + line(2, 'two'));
    let running = true;
    const seen: string[] = [];
    const source = { path, isRunning: async () => running };
    for await (const chunk of readLog(source, { ...all, follow: true, tailLines: 1 }, systemClock, new AbortController().signal)) {
      if (seen.push(chunk.toString()) === 1) await appendFile(path, line(3, 'three') + line(4, 'four'));
      running = seen.length < 3;
    }
    expect(seen).toEqual(['two\n', 'three\n', 'four\n']);
  });

  it('ends when its reader leaves', async () => {
    const path = await logOf(line(1, 'one'));
    const gone = new AbortController();
    const seen: string[] = [];
    for await (const chunk of readLog({ path, isRunning: async () => true }, { ...all, follow: true }, systemClock, gone.signal)) {
      seen.push(chunk.toString());
      gone.abort();
    }
    expect(seen).toEqual(['one\n']);
  });
});
