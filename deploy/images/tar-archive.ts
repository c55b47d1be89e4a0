import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

/** One entry of an archive. `mode` defaults to 0755 for directories and 0644 for files. */
export type TarEntry =
  | { type: 'directory'; name: string; mode?: number }
  | { type: 'file'; name: string; data: Buffer | string; mode?: number }
  | { type: 'symlink'; name: string; target: string };

const epoch = new Date(0);

/** Writes entries in the order given; owner root and the epoch as time, so equal entries give equal bytes. */
export async function tarArchive(entries: TarEntry[]): Promise<Buffer> {
  const archive = pack();
  const bytes = buffer(archive);
  for (const entry of entries) {
    if (entry.type === 'file') archive.entry({ ...headerOf(entry), size: Buffer.byteLength(entry.data) }, entry.data);
    else archive.entry(headerOf(entry));
  }
  archive.finalize();
  return bytes;
}

function headerOf(entry: TarEntry) {
  const base = { name: entry.name, type: entry.type, mtime: epoch, uid: 0, gid: 0, uname: '', gname: '' };
  if (entry.type === 'symlink') return { ...base, mode: 0o777, linkname: entry.target };
  return { ...base, mode: entry.mode ?? (entry.type === 'directory' ? 0o755 : 0o644) };
}
