import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logFilePaths } from '../../log-path.ts';
import { LogFile } from './log-file.ts';

describe('LogFile', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-log-'));
    path = join(folder, 'main/0.log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const text = () => logFilePaths(path).map((file) => readFileSync(file, 'utf8'));

  it('starts a new file at the first line end past its size and keeps the last ones', () => {
    const file = new LogFile({ path, limits: { maxBytes: 8, maxFiles: 3 } });
    for (const line of ['one 1\n', 'two 2\n', 'three\n', 'four4\n', 'five5\n', 'six 6\n', 'seven\n']) file.append([Buffer.from(line)]);
    file.close();
    expect(text()).toEqual(['three\nfour4\n', 'five5\nsix 6\n', 'seven\n']);
  });

  it('never takes more than its files and a line each, however much comes at once', () => {
    const file = new LogFile({ path, limits: { maxBytes: 100, maxFiles: 3 } });
    file.append(Array.from({ length: 1_000 }, (_, index) => [Buffer.from('head '), Buffer.from(`${String(index).padStart(4, '0')}\n`)]).flat());
    file.close();
    const files = text();
    expect(files.map(({ length }) => length)).toEqual([100, 100, 100]);
    expect(files.join('').split('\n').slice(0, -1)).toEqual(Array.from({ length: 30 }, (_, index) => `head 0${970 + index}`));
  });

  it('follows limits that change: files beyond them go with the next rotation', () => {
    const limits = { maxBytes: 2, maxFiles: 5 };
    const file = new LogFile({ path, limits });
    for (const line of ['1\n', '2\n', '3\n', '4\n', '5\n', '6\n']) file.append([Buffer.from(line)]);
    expect(text()).toEqual(['2\n', '3\n', '4\n', '5\n', '6\n']);
    Object.assign(limits, { maxBytes: 4, maxFiles: 2 });
    for (const line of ['7\n', '8\n', '9\n']) file.append([Buffer.from(line)]);
    expect(text()).toEqual(['6\n7\n', '8\n9\n']);
    limits.maxBytes = Number.POSITIVE_INFINITY;
    for (const line of ['10\n', '11\n']) file.append([Buffer.from(line)]);
    file.close();
    expect(text()).toEqual(['6\n7\n', '8\n9\n10\n11\n']);
  });

  it('goes on in its old file when a new one cannot be opened', () => {
    const file = new LogFile({ path, limits: { maxBytes: 100, maxFiles: 5 } });
    renameSync(join(folder, 'main'), join(folder, 'moved'));
    writeFileSync(join(folder, 'main'), '');
    expect(() => file.reopen()).toThrow();
    file.append([Buffer.from('after\n')]);
    file.close();
    expect(readFileSync(join(folder, 'moved/0.log'), 'utf8')).toBe('after\n');
  });

  it('goes on behind what is there, on a new line when the last one is torn', () => {
    new LogFile({ path, limits: { maxBytes: 100, maxFiles: 5 } }).close();
    writeFileSync(path, 'whole\nto');
    const file = new LogFile({ path, limits: { maxBytes: 100, maxFiles: 5 } });
    file.append([Buffer.from('next\n')]);
    file.close();
    expect(text()).toEqual(['whole\nto\nnext\n']);
  });

  it('writes into a new file after a rename and a reopen', () => {
    const file = new LogFile({ path, limits: { maxBytes: 100, maxFiles: 5 } });
    file.append([Buffer.from('before\n')]);
    renameSync(path, join(folder, 'renamed'));
    file.reopen();
    file.append([Buffer.from('after\n')]);
    file.close();
    expect([readFileSync(join(folder, 'renamed'), 'utf8'), ...text()]).toEqual(['before\n', 'after\n']);
  });

  it('writes more pieces than one call takes', () => {
    const file = new LogFile({ path, limits: { maxBytes: 1e9, maxFiles: 5 } });
    file.append(Array.from({ length: 5_000 }, (_, index) => Buffer.from(`${index}\n`)));
    file.close();
    expect(text().join('').split('\n')).toHaveLength(5_001);
  });

  it('is never what a link leads to, in place of the file, of a rotated one, or of its folder', () => {
    mkdirSync(join(folder, 'main'));
    const outside = join(folder, 'outside');
    writeFileSync(outside, 'not a log');
    symlinkSync(outside, path);
    expect(() => new LogFile({ path, limits: { maxBytes: 4, maxFiles: 5 } })).toThrow('ELOOP');
    rmSync(path);
    const file = new LogFile({ path, limits: { maxBytes: 4, maxFiles: 2 } });
    file.append([Buffer.from('first\n')]);
    symlinkSync(outside, `${path}.1`);
    file.append([Buffer.from('second\n')]);
    expect(text()).toEqual(['first\n', 'second\n']);
    rmSync(path);
    symlinkSync(outside, path);
    expect(() => file.reopen()).toThrow('ELOOP');
    file.close();
    expect(readFileSync(outside, 'utf8')).toBe('not a log');
  });

  it('is a regular file and nothing else', () => {
    mkdirSync(path, { recursive: true });
    expect(() => new LogFile({ path, limits: { maxBytes: 100, maxFiles: 5 } })).toThrow('EISDIR');
  });
});
