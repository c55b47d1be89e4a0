import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifestFiles } from './manifest-files.ts';

const noStdin = () => Promise.reject(new Error('standard input was read'));
let folder: string;

async function sources(filename: string[], recursive = false): Promise<string[]> {
  const files = await readManifestFiles({ filename, recursive }, noStdin);
  return files.map(({ source }) => relative(folder, source));
}

describe('readManifestFiles', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'podling-kubectl-'));
    await mkdir(join(folder, 'deep'));
    await mkdir(join(folder, 'empty'));
    for (const name of ['b.yaml', 'a.json', 'c.yml', 'notes.txt', 'deep/d.yaml']) await writeFile(join(folder, name), `# ${name}`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads the manifests of a folder by name', async () => {
    expect(await sources([folder])).toEqual(['a.json', 'b.yaml', 'c.yml']);
  });

  it('descends only when told to', async () => {
    expect(await sources([folder], true)).toEqual(['a.json', 'b.yaml', 'c.yml', 'deep/d.yaml']);
  });

  it('follows links to files, and none to folders', async () => {
    const linked = join(folder, 'empty/linked');
    await mkdir(linked);
    await symlink(folder, join(linked, 'around'));
    await symlink('../../b.yaml', join(linked, 'link.yaml'));
    expect(await sources([linked], true)).toEqual(['empty/linked/link.yaml']);
    await symlink(folder, join(linked, 'folder.yaml'));
    await expect(sources([linked], true)).rejects.toThrow(/^cannot read ".*folder\.yaml": read .*: is a directory$/);
    await rm(linked, { recursive: true });
  });

  it('takes a file whatever its extension', async () => {
    expect(await sources([join(folder, 'notes.txt')])).toEqual(['notes.txt']);
  });

  it('reads standard input for -', async () => {
    expect(await readManifestFiles({ filename: ['-'] }, () => Promise.resolve('text'))).toEqual([{ source: 'STDIN', text: 'text' }]);
  });

  it('says what is missing', async () => {
    await expect(sources([])).rejects.toThrow('must specify -f');
    await expect(sources(['http://127.0.0.1:1/x.yaml'])).rejects.toThrow('unable to read URL "http://127.0.0.1:1/x.yaml"');
    await expect(sources([join(folder, 'x.yaml')])).rejects.toThrow(/the path ".*x\.yaml" does not exist/);
    await expect(sources([join(folder, 'empty')])).rejects.toThrow(/recognized file extensions are \[\.json \.yaml \.yml\]/);
  });
});
