import { constants } from 'node:fs';
import { mkdir, open, readlink, realpath, type FileHandle } from 'node:fs/promises';

/** A path leads out of its volume, or nowhere. */
export class BeneathError extends Error {
  override readonly name = 'BeneathError';
}

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
/** Names a thing without opening it: no device reacts, no pipe blocks. Node has no name for it. */
const O_PATH = 0o10000000;
const maxLinks = 40;

/**
 * Opens what `path` names below the folder `root`, whatever a container does in there meanwhile. Each component is
 * opened in the folder that was opened before it and never through a link; links are read and walked the same way, and
 * a `..` goes back to the folder it was come from. So the way cannot leave `root`: such a path fails with
 * `BeneathError`. Missing folders are made with just `mode`.
 * The handle can be mounted, and read from if it is a new folder. The caller closes it.
 * Upstream twin: subpath `doSafeOpen`, `doSafeMakeDir`.
 */
export async function openBeneath(root: string, path: string, mode: number): Promise<FileHandle> {
  const walk = new Walk(await realpath(root), mode);
  try {
    return await walk.to(path);
  } finally {
    await walk.close();
  }
}

class Walk {
  readonly #root: string;
  readonly #mode: number;
  /** From the root to where we are. */
  readonly #opened: FileHandle[] = [];
  #links = 0;

  constructor(root: string, mode: number) {
    this.#root = root;
    this.#mode = mode;
  }

  async to(path: string): Promise<FileHandle> {
    this.#opened.push(await open(this.#root, O_PATH | O_DIRECTORY));
    const ahead = path.split('/');
    for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
      if (name === '..') await this.#back();
      else if (name !== '' && name !== '.') ahead.unshift(...(await this.#enter(name)));
    }
    return this.#opened.pop() as FileHandle;
  }

  async close(): Promise<void> {
    for (const handle of this.#opened.splice(0)) await handle.close();
  }

  /** Answers what is to be walked instead, for a link. */
  async #enter(name: string): Promise<string[]> {
    const path = `${pathOf(this.#here())}/${name}`;
    const entry = await this.#openOrMake(path);
    if (!(await entry.stat()).isSymbolicLink()) {
      this.#opened.push(entry);
      return [];
    }
    await entry.close();
    return this.#follow(await readlink(path));
  }

  async #follow(target: string): Promise<string[]> {
    if ((this.#links += 1) > maxLinks) throw new BeneathError('too many links');
    if (!target.startsWith('/')) return target.split('/');
    const below = this.#root === '/' ? this.#root : `${this.#root}/`;
    if (!`${target}/`.startsWith(below)) throw new BeneathError('a link leads out of the volume');
    while (this.#opened.length > 1) await this.#back();
    return target.slice(this.#root.length).split('/');
  }

  async #back(): Promise<void> {
    if (this.#opened.length < 2) throw new BeneathError('the path leads out of the volume');
    await this.#opened.pop()?.close();
  }

  async #openOrMake(path: string): Promise<FileHandle> {
    const found = await openIfThere(path);
    if (found) return found;
    await mkdir(path, { mode: this.#mode });
    const made = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      // mkdir has heeded the umask.
      await made.chmod(this.#mode);
      return made;
    } catch (error) {
      await made.close();
      throw error;
    }
  }

  #here(): FileHandle {
    return this.#opened.at(-1) as FileHandle;
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path, O_PATH | O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Leads to just what was opened, wherever it is by now. */
function pathOf({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}
