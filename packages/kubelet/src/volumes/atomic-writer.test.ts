import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { writeAtomically } from './atomic-writer.ts';
import type { Payload } from './file-projection.ts';

const payload = (files: Record<string, string>, mode = 0o644): Payload => new Map(Object.entries(files).map(([path, data]) => [path, { data, mode }]));
const write = (folder: string, files: Payload): Promise<void> => writeAtomically(folder, files, () => Promise.resolve());
const visible = async (folder: string): Promise<string[]> => (await readdir(folder)).filter((name) => !name.startsWith('..')).sort();

describe('writeAtomically', () => {
  it('shows files through ..data, below folders too, with just their modes', async () => {
    const folder = await tempDir();
    await write(folder, payload({ a: '1', 'deep/er/b': '2' }, 0o440));
    expect(await readlink(join(folder, 'a'))).toBe('..data/a');
    expect(await readlink(join(folder, 'deep'))).toBe('..data/deep');
    expect(await readlink(join(folder, '..data'))).toMatch(/^\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\..+/);
    expect(await readFile(join(folder, 'deep/er/b'), 'utf8')).toBe('2');
    expect((await lstat(join(folder, '..data', 'a'))).mode & 0o777).toBe(0o440);
  });

  it('switches to the new set as a whole and leaves nothing of the old one', async () => {
    const folder = await tempDir();
    await write(folder, payload({ a: '1', gone: 'x', 'folder/c': '3' }));
    const before = await readlink(join(folder, '..data'));
    await write(folder, payload({ a: '2', b: '1' }));
    expect(await visible(folder)).toEqual(['a', 'b']);
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('2');
    const now = await readlink(join(folder, '..data'));
    expect(now).not.toBe(before);
    expect((await readdir(folder)).filter((name) => name.startsWith('..')).sort()).toEqual(['..data', now].sort());
  });

  it('writes nothing when nothing has changed', async () => {
    const folder = await tempDir();
    await write(folder, payload({ a: '1' }));
    const before = await readlink(join(folder, '..data'));
    await write(folder, payload({ a: '1' }));
    expect(await readlink(join(folder, '..data'))).toBe(before);
  });

  it('goes on where an earlier write was cut off', async () => {
    const folder = await tempDir();
    await mkdir(join(folder, '..2026_01_01_00_00_00.half'));
    await writeFile(join(folder, '..2026_01_01_00_00_00.half', 'a'), 'half');
    await symlink('..2026_01_01_00_00_00.half', join(folder, '..data_tmp'));
    await write(folder, payload({ a: 'whole' }));
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('whole');
    expect(await readdir(folder)).not.toContain('..2026_01_01_00_00_00.half');
    expect(await readdir(folder)).not.toContain('..data_tmp');
  });

  it('keeps the old set when permissions cannot be set', async () => {
    const folder = await tempDir();
    await write(folder, payload({ a: '1' }));
    const refused = writeAtomically(folder, payload({ a: '2' }), () => Promise.reject(new Error('no')));
    await expect(refused).rejects.toThrow('no');
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('1');
    expect((await readdir(folder)).sort()).toEqual(['..data', await readlink(join(folder, '..data')), 'a'].sort());
  });

  it('holds a set without files', async () => {
    const folder = await tempDir();
    await write(folder, payload({}));
    await write(folder, payload({}));
    expect(await visible(folder)).toEqual([]);
  });

  it.each(['', '/etc/passwd', '../x', 'a/../../x', '..', '..data', './..data/x', 'x'.repeat(256), 'a/'.repeat(2100)])('refuses the path %j', async (path) => {
    const folder = await tempDir();
    await expect(write(folder, payload({ [path]: 'x' }))).rejects.toThrow('invalid path');
    expect(await readdir(folder)).toEqual([]);
  });

  it('never writes through a link that lies in the way', async () => {
    const [folder, outside] = [await tempDir(), await tempDir()];
    await chmod(outside, 0o755);
    await symlink(outside, join(folder, 'a'));
    await write(folder, payload({ 'a/b': 'x' }));
    expect(await readdir(outside)).toEqual([]);
  });
});
