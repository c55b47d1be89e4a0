import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ErrorLog } from './error-log.ts';

describe('ErrorLog', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-error-log-'));
    path = join(folder, 'log-process.log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('stays small however often something fails, and keeps the latest', () => {
    const fd = openSync(path, 'a');
    const log = new ErrorLog({ fd, maxBytes: 1000, now: () => 'T' });
    for (let failure = 0; failure < 1000; failure++) log.write('log write failed', { failure });
    closeSync(fd);
    expect(statSync(path).size).toBeLessThan(1100);
    expect(readFileSync(path, 'utf8')).toMatch(/{"time":"T","message":"log write failed","failure":999}\n$/);
  });

  it('never fails itself', () => {
    const fd = openSync('/dev/full', 'a');
    expect(() => new ErrorLog({ fd, maxBytes: 1000, now: () => 'T' }).write('no space', {})).not.toThrow();
    closeSync(fd);
  });
});
