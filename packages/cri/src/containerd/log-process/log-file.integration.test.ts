import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exec } from '../exec.ts';
import { LogFile } from './log-file.ts';

describe('LogFile on a full disk', () => {
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'podling-full-'));
    await exec('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  });
  afterEach(async () => {
    await exec('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true });
  });

  it('never joins half a line with the next one', () => {
    const path = join(folder, '0.log');
    const filler = join(folder, 'filler');
    writeFileSync(filler, Buffer.alloc(32 * 1024));
    const file = new LogFile({ path, limits: { maxBytes: 1e9, maxFiles: 5 } });
    const long = Buffer.from(`${'x'.repeat(50_000)}\n`);
    expect(() => file.append([Buffer.from('first\n'), long])).toThrow('ENOSPC');
    expect(() => file.append([Buffer.from('lost\n')])).toThrow('ENOSPC');
    rmSync(filler);
    file.append([Buffer.from('next\n')]);
    file.append([Buffer.from('last\n')]);
    file.close();
    const [first, half, ...rest] = readFileSync(path, 'utf8').split('\n');
    expect(first).toBe('first');
    expect(half).toMatch(/^x+$/);
    expect(rest).toEqual(['next', 'last', '']);
  });
});
