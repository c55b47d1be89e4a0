import { chmod, lstat, mkdir, readdir, readFile, realpath, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { openBeneath } from './open-beneath.ts';

let root: string;
let outside: string;

beforeEach(async () => {
  [root, outside] = [await tempDir(), await tempDir()];
  await writeFile(join(outside, 'precious'), 'secret');
});

/** The path of what was opened, relative to the volume. */
async function opened(path: string, mode = 0o755): Promise<string> {
  const handle = await openBeneath(root, path, mode);
  const found = await realpath(`/proc/self/fd/${handle.fd}`);
  await handle.close();
  return found.slice((await realpath(root)).length + 1);
}

describe('openBeneath', () => {
  it('opens folders and files where they are', async () => {
    await mkdir(join(root, 'a/b'), { recursive: true });
    await writeFile(join(root, 'a/file'), '');
    expect([await opened('a/b'), await opened('a//./b/'), await opened('a/file'), await opened('.')]).toEqual(['a/b', 'a/b', 'a/file', '']);
  });

  it('follows links that stay inside, relative or not', async () => {
    await mkdir(join(root, 'v1/deep'), { recursive: true });
    await symlink('v1', join(root, '..data'));
    await symlink('..data/deep', join(root, 'deep'));
    await symlink('../v1', join(root, 'v1/again'));
    await symlink(await realpath(join(root, 'v1')), join(root, 'absolute'));
    expect([await opened('deep'), await opened('v1/again/deep'), await opened('absolute/deep')]).toEqual(['v1/deep', 'v1/deep', 'v1/deep']);
  });

  it('follows absolute links where the volume is all of the node', async () => {
    await mkdir(join(root, 'real/deep'), { recursive: true });
    const real = await realpath(join(root, 'real'));
    await symlink(real, join(root, 'link'));
    const handle = await openBeneath('/', `${await realpath(root)}/link/deep`, 0o755);
    expect(await realpath(`/proc/self/fd/${handle.fd}`)).toBe(join(real, 'deep'));
    await handle.close();
  });

  it('makes what is missing, with just the mode', async () => {
    await mkdir(join(root, 'a'), { mode: 0o700 });
    expect(await opened('a/b/c', 0o2777)).toBe('a/b/c');
    const modes = await Promise.all(['a', 'a/b', 'a/b/c'].map(async (path) => (await stat(join(root, path))).mode & 0o7777));
    expect(modes).toEqual([0o700, 0o2777, 0o2777]);
  });

  it.each([
    ['a link to the root of the node', '/'], ['a link upwards', '../..'], ['an absolute link beside the volume', 'BESIDE'],
    ['a link to the node through its own folder', './../x'],
  ])('refuses %s', async (_, target) => {
    await symlink(target === 'BESIDE' ? `${root}-beside` : target, join(root, 'link'));
    await expect(openBeneath(root, 'link', 0o755)).rejects.toThrow('out of the volume');
    await expect(openBeneath(root, 'link/etc/made', 0o755)).rejects.toThrow('out of the volume');
  });

  it('makes nothing outside, through a link or upwards', async () => {
    await symlink(outside, join(root, 'link'));
    await expect(openBeneath(root, 'link/made', 0o755)).rejects.toThrow('out of the volume');
    await expect(openBeneath(root, '../made', 0o755)).rejects.toThrow('out of the volume');
    expect(await readdir(outside)).toEqual(['precious']);
  });

  it('ends for links in a circle', async () => {
    await symlink('b', join(root, 'a'));
    await symlink('a', join(root, 'b'));
    await expect(openBeneath(root, 'a', 0o755)).rejects.toThrow('too many links');
  });

  it('fails below a file, and neither changes nor empties it', async () => {
    await writeFile(join(root, 'file'), 'text');
    await chmod(join(root, 'file'), 0o600);
    await expect(openBeneath(root, 'file/x', 0o755)).rejects.toThrow('ENOTDIR');
    await opened('file', 0o777);
    expect([(await lstat(join(root, 'file'))).mode & 0o777, await readFile(join(root, 'file'), 'utf8')]).toEqual([0o600, 'text']);
  });

  it('keeps no descriptor open', async () => {
    await symlink('/', join(root, 'link'));
    const before = (await readdir('/proc/self/fd')).length;
    for (let count = 0; count < 20; count += 1) await openBeneath(root, 'a/b/../../link', 0o755).catch(() => undefined);
    for (let count = 0; count < 20; count += 1) await openBeneath(root, 'link', 0o755).catch(() => undefined);
    for (let count = 0; count < 20; count += 1) await opened('a/b/c');
    expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before + 2);
  });
});
