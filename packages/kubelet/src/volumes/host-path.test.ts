import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { HostPathVolumeSource } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { setUpHostPath } from './host-path.ts';

type HostPathType = NonNullable<HostPathVolumeSource['type']>;

async function world(): Promise<string> {
  const root = await tempDir();
  await mkdir(join(root, 'directory'));
  await writeFile(join(root, 'file'), '');
  return root;
}

describe('setUpHostPath', () => {
  it.each<[HostPathType, string, string]>([
    ['Directory', 'file', 'a directory'],
    ['Directory', 'none', 'a directory'],
    ['DirectoryOrCreate', 'file', 'a directory'],
    ['File', 'directory', 'a file'],
    ['File', 'none', 'a file'],
    ['FileOrCreate', 'directory', 'a file'],
    ['Socket', 'file', 'a socket file'],
    ['CharDevice', 'file', 'a character device'],
    ['BlockDevice', 'file', 'a block device'],
  ])('refuses type %s for %s', async (type, name, noun) => {
    const path = join(await world(), name);
    await expect(setUpHostPath({ path, type })).rejects.toThrow(`hostPath type check failed: ${path} is not ${noun}`);
  });

  it.each<[HostPathType, string]>([['', 'file'], ['', 'directory'], ['Directory', 'directory'], ['File', 'file'], ['CharDevice', '/dev/null']])(
    'takes type "%s" for %s',
    async (type, name) => {
      const path = name.startsWith('/') ? name : join(await world(), name);
      expect(await setUpHostPath({ path, type })).toBe(path);
    },
  );

  it.each<[HostPathType, 'isDirectory' | 'isFile']>([['', 'isDirectory'], ['DirectoryOrCreate', 'isDirectory']])(
    'makes what type "%s" allows to make',
    async (type, kind) => {
      const path = join(await world(), 'deep', 'er');
      await setUpHostPath({ path, type });
      expect((await stat(path))[kind]()).toBe(true);
    },
  );

  it('makes a file, but not the folder that it would be in', async () => {
    const root = await world();
    await setUpHostPath({ path: join(root, 'new'), type: 'FileOrCreate' });
    expect([(await stat(join(root, 'new'))).isFile(), (await stat(join(root, 'new'))).mode & 0o777]).toEqual([true, 0o644]);
    await expect(setUpHostPath({ path: join(root, 'deep/er'), type: 'FileOrCreate' })).rejects.toThrow('ENOENT');
    expect((await readdir(root)).sort()).toEqual(['directory', 'file', 'new']);
  });

  it("refuses '..', whatever the type", async () => {
    await expect(setUpHostPath({ path: '/a/../b' })).rejects.toThrow("invalid HostPath `/a/../b`: must not contain '..'");
  });

  it('takes a socket', async () => {
    const path = join(await world(), 's');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      expect(await setUpHostPath({ path, type: 'Socket' })).toBe(path);
    } finally {
      server.close();
    }
  });

  it('makes nothing in the place of a dangling link', async () => {
    const root = await world();
    await symlink(join(root, 'nowhere'), join(root, 'link'));
    await expect(setUpHostPath({ path: join(root, 'link'), type: 'DirectoryOrCreate' })).rejects.toThrow('is not a directory');
  });
});
