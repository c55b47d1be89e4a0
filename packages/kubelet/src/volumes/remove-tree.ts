import { rm } from 'node:fs/promises';
import { exec } from '../exec.ts';

/** Removes a folder with all that is in it, however deep a container has made it; nothing there is success. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw error;
    // Node goes by path, which has a length; rm(1) goes from folder to folder.
    await exec('rm', ['-rf', '--one-file-system', '--', path]);
  }
}
