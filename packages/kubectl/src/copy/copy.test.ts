import { mkdir, mkdtemp, readFile, readdir, readlink, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import type { Header } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archivePrefix, parseFileSpec } from './file-spec.ts';
import { packTree } from './pack-tree.ts';
import { unpackTree } from './unpack-tree.ts';

let folder = '';
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'podling-copy-')));
});
afterEach(() => rm(folder, { recursive: true }));

type Made = Partial<Header> & { name: string; data?: string };

function archiveOf(...entries: Made[]): AsyncIterable<Buffer> {
  const archive = pack();
  for (const { data, ...header } of entries) archive.entry(header, data ?? '');
  archive.finalize();
  return archive as AsyncIterable<Buffer>;
}

async function unpacked(archive: AsyncIterable<Buffer>, prefix = 'data', target = join(folder, 'target')): Promise<{ files: string[]; told: string[] }> {
  const told: string[] = [];
  await unpackTree(archive, { prefix, target, warn: (message) => told.push(message), onLink: (from, to) => told.push(`link ${from} ${to}`) });
  return { files: (await readdir(folder, { recursive: true })).toSorted(), told };
}

describe('a file spec', () => {
  it.each([
    ['/tmp/x/', { file: '/tmp/x' }],
    ['web:/tmp/x', { pod: 'web', file: '/tmp/x' }],
    ['ns/web:a\\b', { namespace: 'ns', pod: 'web', file: 'a/b' }],
    ['./a:b', { namespace: '.', pod: 'a', file: 'b' }],
  ])('%s', (text, spec) => expect(parseFileSpec(text)).toEqual(spec));

  it.each([':x', 'a/b/c:x'])('%s is none', (text) => expect(() => parseFileSpec(text)).toThrow('filespec must match the canonical format'));

  it.each([['/tmp/x', 'tmp/x'], ['../../x/../y', 'y'], ['/', ''], ['.', ''], ['..', ''], ['a/./b/', 'a/b']])('%s is packed under %s', (file, prefix) =>
    expect(archivePrefix(file)).toBe(prefix));
});

describe('a packed tree', () => {
  it('comes back as it was, links as links', async () => {
    const source = join(folder, 'source');
    await mkdir(join(source, 'inner/empty'), { recursive: true });
    await writeFile(join(source, 'none'), '');
    await writeFile(join(source, 'inner', 'ü'.repeat(90)), 'x'.repeat(200_000), { mode: 0o750 });
    await symlink('../none', join(source, 'inner/link'));
    const archive = await buffer(packTree(source, 'data', () => undefined));
    const { files, told } = await unpacked(Readable.from([archive]));
    expect(files.filter((name) => name.startsWith('target/'))).toEqual(['target/inner', 'target/inner/empty', `target/inner/${'ü'.repeat(90)}`, 'target/none']);
    expect(told).toEqual([`link ${folder}/target/inner/link ../none`]);
    expect((await readFile(join(folder, 'target/inner', 'ü'.repeat(90)))).length).toBe(200_000);
  });

  it('is one file under its new name', async () => {
    await writeFile(join(folder, 'a'), 'content');
    const { files } = await unpacked(packTree(join(folder, 'a'), 'data', () => undefined));
    expect(files).toEqual(['a', 'target']);
  });

  it('fails when something cannot be read', async () => {
    await expect(buffer(packTree(join(folder, 'none'), 'x', () => undefined))).rejects.toThrow('ENOENT');
  });
});

describe('an archive of a container', () => {
  it('may hold nothing outside what was asked for', async () => {
    await expect(unpacked(archiveOf({ name: 'other/x' }))).rejects.toThrow('tar contents corrupted');
    await expect(unpacked(archiveOf({ name: '/etc/x' }), '')).rejects.toThrow('tar contents corrupted');
  });

  it('writes nothing outside the target', async () => {
    const { files, told } = await unpacked(archiveOf({ name: 'data/../../evil', data: 'x' }, { name: 'data/..\\..\\evil', data: 'x' }, { name: 'data/ok', data: 'x' }));
    expect(files).toEqual(['target', 'target/ok']);
    expect(told).toEqual([0, 1].map(() => `file ${JSON.stringify(join(folder, '../evil'))} is outside target destination, skipping\n`));
  });

  it('makes no links, and writes through none', async () => {
    await mkdir(join(folder, 'target'));
    await mkdir(join(folder, 'elsewhere'));
    await symlink('../elsewhere', join(folder, 'target/before'));
    await symlink('../elsewhere/file', join(folder, 'target/file'));
    const { files, told } = await unpacked(archiveOf(
      { name: 'data/link', type: 'symlink', linkname: '/etc' },
      { name: 'data/before/evil', data: 'x' },
      { name: 'data/file', data: 'x' },
      { name: 'data/hard', type: 'link', linkname: '/etc/passwd' },
      { name: 'data/hard2', type: 'link', linkname: 'data/before/evil' },
      { name: 'data/device', type: 'character-device' },
    ));
    expect(files).toEqual(['elsewhere', 'target', 'target/before', 'target/file']);
    expect(told.length).toBe(6);
    expect(await readlink(join(folder, 'target/before'))).toBe('../elsewhere');
  });

  it('gives a second name its content', async () => {
    const { files, told } = await unpacked(archiveOf({ name: 'data/a', data: 'content' }, { name: 'data/b', type: 'link', linkname: 'data/a' }));
    expect([files, told]).toEqual([['target', 'target/a', 'target/b'], []]);
    expect(await readFile(join(folder, 'target/b'), 'utf8')).toBe('content');
  });

  it('follows the link that the user named', async () => {
    await writeFile(join(folder, 'real'), '');
    await symlink('real', join(folder, 'target'));
    await unpacked(archiveOf({ name: 'data', data: 'content' }));
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('content');
  });

  it('does not become a folder where a file is', async () => {
    const target = join(folder, 'target');
    await expect(unpacked(archiveOf({ name: 'data/a', data: 'x' }, { name: 'data/a/b/c', data: 'x' }))).rejects.toThrow(`mkdir ${target}/a: not a directory`);
    await expect(unpacked(archiveOf({ name: 'data/b' }), 'data', join(target, 'a'))).rejects.toThrow(`mkdir ${target}/a: not a directory`);
    await expect(unpacked(archiveOf({ name: 'data/b' }), 'data', join(target, 'a/b/c'))).rejects.toThrow(`mkdir ${target}/a/b/c: not a directory`);
  });

  it('does not become a file where a folder is', async () => {
    await mkdir(join(folder, 'target'));
    await expect(unpacked(archiveOf({ name: 'data', data: 'content' }))).rejects.toThrow(`open ${folder}/target: is a directory`);
  });

  it('has no name without end', async () => {
    const header = Buffer.from(await buffer(archiveOf({ name: 'x', pax: { path: 'y'.repeat(200) } } as Made))).subarray(0, 512);
    header.write('77777777777\0', 124);
    header.fill(' ', 148, 156);
    header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
    let sent = 0;
    const endless = async function* () {
      yield header;
      for (; ; sent += 1) yield Buffer.alloc(64 * 1024);
    };
    await expect(unpacked(endless())).rejects.toThrow('tar contents corrupted');
    expect(sent).toBeLessThan(100);
  });

  it('is refused when it breaks off', async () => {
    const whole = await buffer(archiveOf({ name: 'data/x', data: 'x'.repeat(2_000) }));
    await expect(unpacked(Readable.from([whole.subarray(0, 1_000)]))).rejects.toThrow(/^unexpected EOF$/);
    await expect(unpacked(Readable.from([whole.subarray(0, 300)]))).rejects.toThrow(/^unexpected EOF$/);
  });

  it('harms nothing, whatever it says', async () => {
    const names = fc.constantFrom('data', 'data/a', 'data/a/b', 'data/../x', 'data/./a', 'data//etc/x', '../data', 'data/..', 'data/a/../../../x');
    const entries = fc.record({ name: names, type: fc.constantFrom<Header['type']>('file', 'symlink', 'link', 'directory', 'fifo'), linkname: names });
    await fc.assert(fc.asyncProperty(fc.array(entries, { maxLength: 6 }), async (made) => {
      await rm(join(folder, 'target'), { recursive: true, force: true });
      await unpacked(archiveOf(...made.map((one) => ({ ...one, ...(one.type === 'file' ? { data: 'x' } : {}) })))).catch((error: NodeJS.ErrnoException) => error);
      expect((await readdir(folder)).filter((name) => name !== 'target')).toEqual([]);
      expect(await stat(join(folder, '..', 'x')).catch(() => undefined)).toBeUndefined();
    }), { numRuns: 100 });
  });
});
