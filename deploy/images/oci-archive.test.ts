import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { ociArchive } from './oci-archive.ts';
import { toolboxImage } from './toolbox-image.ts';

interface Read {
  data: Buffer;
  type: string;
  mode: number;
  linkname: string;
}

async function untar(archive: Buffer): Promise<Map<string, Read>> {
  const entries = new Map<string, Read>();
  const reader = Readable.from([archive]).pipe(extract());
  for await (const entry of reader) {
    const { name, type, mode, linkname } = entry.header;
    entries.set(name.replace(/\/$/, ''), { data: await buffer(entry), type: type ?? '', mode: mode ?? 0, linkname: linkname ?? '' });
  }
  return entries;
}

const content = toolboxImage(Buffer.from('BUSYBOX'), ['sh', 'ls', 'busybox', '']);
const sha256 = (data: Buffer) => `sha256:${createHash('sha256').update(data).digest('hex')}`;
const parse = (entry: Read | undefined) => JSON.parse(String(entry?.data)) as Record<string, any>;
const blobOf = (entries: Map<string, Read>, digest: string) => entries.get(`blobs/${digest.replace(':', '/')}`);

describe('ociArchive', () => {
  it('links index, manifest, config and layer by the digests of their bytes', async () => {
    const entries = await untar(await ociArchive(content));
    const index = parse(entries.get('index.json'));
    const manifestBlob = blobOf(entries, index['manifests'][0].digest);
    const manifest = parse(manifestBlob);
    const layer = blobOf(entries, manifest['layers'][0].digest);
    const config = parse(blobOf(entries, manifest['config'].digest));
    expect(sha256(manifestBlob?.data ?? Buffer.alloc(0))).toBe(index['manifests'][0].digest);
    expect(config['rootfs'].diff_ids).toEqual([sha256(layer?.data ?? Buffer.alloc(0))]);
    expect(manifest['layers'][0].size).toBe(layer?.data.length);
    expect(index['manifests'][0].annotations['io.containerd.image.name']).toBe('podling.local/toolbox:1');
    expect(config['config'].Cmd).toEqual(['/bin/sh']);
  });

  it('gives the same bytes for the same content', async () => {
    expect(sha256(await ociArchive(content))).toBe(sha256(await ociArchive(content)));
    const other = await ociArchive({ ...content, cmd: ['/bin/ls'] });
    expect(sha256(other)).not.toBe(sha256(await ociArchive(content)));
  });

  it('keeps the binary and links every other applet to it', async () => {
    const entries = await untar(await ociArchive(content));
    const manifest = parse(blobOf(entries, parse(entries.get('index.json'))['manifests'][0].digest));
    const files = await untar(blobOf(entries, manifest['layers'][0].digest)?.data ?? Buffer.alloc(0));
    expect(files.get('bin/busybox')).toMatchObject({ type: 'file', mode: 0o755, data: Buffer.from('BUSYBOX') });
    expect(files.get('bin/sh')).toMatchObject({ type: 'symlink', linkname: 'busybox' });
    expect(files.get('tmp')?.mode).toBe(0o1777);
    expect(files.get('usr/bin/fetch')?.mode).toBe(0o755);
  });
});
