import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CriError } from '../cri.ts';

/** An empty folder to mount on; it is made where only it is missing. Fails with `InvalidArgument`. */
export function mountPoint(folder: string): void {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return make(folder);
  if (!stats.isDirectory()) throw new CriError('InvalidArgument', `${folder} is no folder`);
  if (readdirSync(folder).length > 0) throw new CriError('InvalidArgument', `${folder} is not empty: what is in it could not be seen any more`);
}

function make(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new CriError('InvalidArgument', code === 'ENOENT' ? `there is no folder ${dirname(folder)}: make it first` : message, { cause });
  }
}
