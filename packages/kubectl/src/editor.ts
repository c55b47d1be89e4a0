import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from './errors.ts';
import type { Io } from './io.ts';

/** A file that the user edits: made once, opened as often as needed. */
export class EditedFile {
  readonly path: string;
  /** An editor has ended well: the file may hold work of the user. */
  isEdited = false;
  readonly #folder: string;
  readonly #io: Io;

  private constructor(io: Io, folder: string, extension: string) {
    this.#io = io;
    this.#folder = folder;
    this.path = join(folder, `edit${extension}`);
  }

  static async create(io: Io, extension: string): Promise<EditedFile> {
    return new EditedFile(io, await mkdtemp(join(io.env['TMPDIR'] ?? tmpdir(), 'kubectl-edit-')), extension);
  }

  /** Opens the text in `$KUBE_EDITOR`, else `$EDITOR`, else vi, and answers what is there when the editor has ended. */
  async edit(text: string): Promise<string> {
    const { env } = this.#io;
    const editor = [env['KUBE_EDITOR'], env['EDITOR']].find((word) => word !== undefined && word !== '') ?? 'vi';
    await writeFile(this.path, text, { mode: 0o600 });
    // A shell, because an editor may come with flags: `code --wait`.
    const status = await this.#io.run('/bin/sh', ['-c', `${editor} "$1"`, editor, this.path]);
    if (status === 127) throw new CommandError(`unable to launch the editor "${editor}": set KUBE_EDITOR or EDITOR to one that is there`);
    if (status !== 0) throw new CommandError(`there was a problem with the editor "${editor}"`);
    this.isEdited = true;
    return readFile(this.path, 'utf8');
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
