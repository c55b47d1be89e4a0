import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** A file system of a few kilobytes over a folder, which can be filled and emptied. */
export class SmallDisk {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** `inodes`: how many files it takes at most. */
  static async over(folder: string, kib: number, inodes?: number): Promise<SmallDisk> {
    mkdirSync(folder, { recursive: true });
    await execa('mount', ['-t', 'tmpfs', '-o', `size=${kib}k${inodes === undefined ? '' : `,nr_inodes=${inodes}`}`, 'podling-small-disk', folder]);
    return new SmallDisk(folder);
  }

  /** Takes all room there is. */
  fill(): void {
    try {
      for (;;) writeFileSync(this.#ballast, Buffer.alloc(4096), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  makeRoom(): void {
    rmSync(this.#ballast, { force: true });
  }

  async unmount(): Promise<void> {
    await execa('umount', ['--lazy', this.#folder]);
  }

  get #ballast(): string {
    return join(this.#folder, 'ballast');
  }
}
