import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileProblem } from '@podling/shared/file-problem';
import { CommandError } from '../../errors.ts';
import type { Fields } from '../../kubeconfig/kubeconfig-files.ts';

/** A file's absolute path, or with `embed` its content in base64; the other form goes. Nothing when no path is given. */
export async function fileFields(key: string, path: string | undefined, embed: boolean, before: Fields): Promise<Fields> {
  if (path === undefined) return before;
  const { [key]: _path, [`${key}-data`]: _data, ...kept } = before;
  if (!embed) return path === '' ? kept : { ...kept, [key]: resolve(path) };
  try {
    return { ...kept, [`${key}-data`]: (await readFile(path)).toString('base64') };
  } catch (error) {
    throw new CommandError(`could not stat ${key} file ${path}: ${fileProblem(error, path)}`, { cause: error });
  }
}
