import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileProblem, systemProblem } from './file-problem.ts';

describe('the problem with a file', () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "podling, it's a file-"));
    file = join(folder, 'file');
    writeFileSync(file, '');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const failure = (work: () => unknown): unknown => {
    try {
      return work();
    } catch (error) {
      return error;
    }
  };

  it.each<[string, () => unknown, string]>([
    ['is missing', () => readFileSync(join(folder, 'gone')), 'open P: no such file or directory'],
    ['is a folder', () => readFileSync(folder), 'read P: is a directory'],
    ['is none', () => readdirSync(file), 'scandir P: not a directory'],
    ['cannot be put below itself', () => renameSync(folder, file), 'rename P: invalid argument'],
    ['is below a file', () => readFileSync(join(file, 'x')), 'open P: not a directory'],
  ])('is said as the system says it when it %s', (_, work, said) => expect(fileProblem(failure(work), 'P')).toBe(said));

  it('is the error\'s own when the system has none', () => {
    expect(systemProblem(new Error('it is too large, sorry'))).toBe('it is too large, sorry');
    expect(fileProblem(new Error('EXTRA: no, yes'), 'P')).toBe('EXTRA: no, yes');
  });
});
