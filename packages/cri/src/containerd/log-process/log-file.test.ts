import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

  const text = () => logFilePaths(path).filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));

  it('starts a new file at the first line end past its size and keeps the last ones', () => {
    const file = new LogFile({ path, maxBytes: 8, maxFiles: 3 });
    for (const line of ['one 1\n', 'two 2\n', 'three\n', 'four4\n', 'five5\n', 'six 6\n', 'seven\n']) file.append([Buffer.from(line)]);
    file.close();
    expect(text()).toEqual(['three\nfour4\n', 'five5\nsix 6\n', 'seven\n']);
  });

  it('goes on in its old file when a new one cannot be opened', () => {
    const file = new LogFile({ path, maxBytes: 100 });
    renameSync(join(folder, 'main'), join(folder, 'moved'));
    writeFileSync(join(folder, 'main'), '');
    expect(() => file.reopen()).toThrow();
    file.append([Buffer.from('after\n')]);
    file.close();
    expect(readFileSync(join(folder, 'moved/0.log'), 'utf8')).toBe('after\n');
  });

  it('goes on behind what is there, on a new line when the last one is torn', () => {
    new LogFile({ path, maxBytes: 100 }).close();
    writeFileSync(path, 'whole\nto');
    const file = new LogFile({ path, maxBytes: 100 });
    file.append([Buffer.from('next\n')]);
    file.close();
    expect(text()).toEqual(['whole\nto\nnext\n']);
  });

  it('writes into a new file after a rename and a reopen', () => {
    const file = new LogFile({ path, maxBytes: 100 });
    file.append([Buffer.from('before\n')]);
    renameSync(path, join(folder, 'renamed'));
    file.reopen();
    file.append([Buffer.from('after\n')]);
    file.close();
    expect([readFileSync(join(folder, 'renamed'), 'utf8'), ...text()]).toEqual(['before\n', 'after\n']);
  });

  it('writes more pieces than one call takes', () => {
    const file = new LogFile({ path, maxBytes: 1e9 });
    file.append(Array.from({ length: 5_000 }, (_, index) => Buffer.from(`${index}\n`)));
    file.close();
    expect(text().join('').split('\n')).toHaveLength(5_001);
  });

  it('is never what a link leads to, in place of the file, of a rotated one, or of its folder', () => {
    mkdirSync(join(folder, 'main'));
    const outside = join(folder, 'outside');
    writeFileSync(outside, 'not a log');
    symlinkSync(outside, path);
    expect(() => new LogFile({ path, maxBytes: 4 })).toThrow('ELOOP');
    rmSync(path);
    const file = new LogFile({ path, maxBytes: 4, maxFiles: 2 });
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
    expect(() => new LogFile({ path, maxBytes: 100 })).toThrow('EISDIR');
  });
});
