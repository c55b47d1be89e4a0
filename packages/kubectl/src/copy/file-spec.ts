import { posix } from 'node:path';
import { CommandError } from '../errors.ts';

/** One side of a copy: a local path, or a path in a pod. */
export interface FileSpec {
  namespace?: string;
  pod?: string;
  file: string;
}

const FORMAT = 'filespec must match the canonical format: [[namespace/]pod:]file/path';

/** `[[namespace/]pod:]file/path` */
export function parseFileSpec(text: string): FileSpec {
  const colon = text.indexOf(':');
  if (colon === 0) throw new CommandError(FORMAT);
  if (colon < 0) return { file: withoutTrailingSlash(text) };
  const pieces = text.slice(0, colon).split('/');
  const file = remotePath(text.slice(colon + 1));
  const [first = '', second] = pieces;
  if (pieces.length > 2) throw new CommandError(FORMAT);
  if (second === undefined) return { pod: first, file };
  return first === '' ? { pod: second, file } : { namespace: first, pod: second, file };
}

/** A path of a container: with slashes, whatever the archive says. */
export function remotePath(text: string): string {
  return withoutTrailingSlash(text).replaceAll('\\', '/');
}

/** What the names in an archive of `file` begin with: tar takes the leading slash away, and `../` has no business there. */
export function archivePrefix(file: string): string {
  const path = posix.normalize(file.replace(/^\/+/, '') || '.').replace(/^(\.\.\/)+/, '').replace(/\/$/, '');
  return path === '.' || path === '..' ? '' : path;
}

function withoutTrailingSlash(text: string): string {
  return text === '/' ? text : text.replace(/\/$/, '');
}
