import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWithin } from './image-files.ts';

let root: string;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'podling-image-'));
  root = join(folder, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  writeFileSync(join(folder, 'secret'), 'of the node');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('file of an image', () => {
  it('is read through links that stay in the image', () => {
    mkdirSync(join(root, 'usr/lib'), { recursive: true });
    writeFileSync(join(root, 'usr/lib/passwd'), 'inside');
    symlinkSync('/usr/lib', join(root, 'usr/there'));
    symlinkSync('/usr/there/../lib/passwd', join(root, 'etc/passwd'));
    symlinkSync('../../../../usr/lib/passwd', join(root, 'etc/group'));
    expect(readWithin(root, '/etc/passwd')).toBe('inside');
    expect(readWithin(root, '/etc/group')).toBe('inside');
  });

  it.each([
    ['an absolute link', () => symlinkSync(join(folder, 'secret'), join(root, 'etc/passwd'))],
    ['a relative link', () => symlinkSync('../../secret', join(root, 'etc/passwd'))],
    ['a link to itself', () => symlinkSync('passwd', join(root, 'etc/passwd'))],
    ['a folder', () => mkdirSync(join(root, 'etc/passwd'))],
    ['below a file', () => (rmSync(join(root, 'etc'), { recursive: true }), writeFileSync(join(root, 'etc'), ''))],
    ['through a linked folder', () => (rmSync(join(root, 'etc'), { recursive: true }), symlinkSync(folder, join(root, 'etc')))],
  ])('that is %s is none: nothing of the node is read', (_, make) => {
    make();
    writeFileSync(join(folder, 'passwd'), 'of the node');
    expect(readWithin(root, '/etc/passwd')).toBe('');
  });

  it('that is huge is refused', () => {
    writeFileSync(join(root, 'etc/passwd'), Buffer.alloc(2 * 1024 * 1024));
    expect(() => readWithin(root, '/etc/passwd')).toThrow('/etc/passwd of the image is larger than 1048576 bytes');
  });
});
