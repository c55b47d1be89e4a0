import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mountPoint } from './mount-point.ts';

function ground(): string {
  const folder = mkdtempSync(join(tmpdir(), 'podling-mount-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('mountPoint', () => {
  it('makes one folder, and takes one that is empty', () => {
    const folder = join(ground(), 'files');
    mountPoint(folder);
    mountPoint(folder);
    expect(existsSync(folder)).toBe(true);
  });

  it.each([['a/b', 'there is no folder'], ['file', 'is no folder'], ['file/below', 'ENOTDIR'], ['.', 'is not empty']])('refuses %s', (path, message) => {
    const folder = ground();
    writeFileSync(join(folder, 'file'), '');
    expect(() => mountPoint(join(folder, path))).toThrow(expect.objectContaining({ code: 'InvalidArgument', message: expect.stringContaining(message) as string }) as Error);
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });
});
