import { readFile } from 'node:fs/promises';
import { fileProblem } from '@podling/shared/file-problem';
import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { printStream } from '../io.ts';
import { isUrl } from './manifest-files.ts';
import type { FileOptions } from './manifest-files.ts';

export interface RawOptions extends FileOptions {
  /** The path, as the user typed it. */
  raw?: string;
  output?: string;
}

/** Prints what the server answers to the path, as it comes. */
export async function printRaw(factory: Factory, { raw = '' }: RawOptions, method: 'GET' | 'POST' | 'PUT' | 'DELETE' = 'GET', body?: Uint8Array): Promise<void> {
  const url = raw.startsWith('/') && URL.canParse(raw, 'http://server') ? new URL(raw, 'http://server') : undefined;
  if (url === undefined) throw new CommandError(`--raw must be a valid URL path: ${JSON.stringify(raw)} does not begin with a slash`);
  const rest = await factory.client();
  const answer = await rest.stream({ method, path: url.pathname, query: Object.fromEntries(url.searchParams), accept: '*/*', ...(body === undefined ? {} : { body }) });
  await printStream(factory.io, answer);
}

const ONE_FILE = '--raw can only use a single local file or stdin';

/** As {@link printRaw}, with what the file holds, byte for byte. Only a DELETE can do without a file. */
export async function sendRaw(factory: Factory, method: 'POST' | 'PUT' | 'DELETE', options: RawOptions): Promise<number> {
  const { filename = [], recursive, output } = options;
  const [file, second] = filename;
  if (second !== undefined || (file === undefined && method !== 'DELETE')) throw new CommandError(ONE_FILE);
  if (file !== undefined && isUrl(file)) throw new CommandError('--raw cannot read from a url');
  if (recursive === true) throw new CommandError('--raw and --recursive are mutually exclusive');
  if (output !== undefined) throw new CommandError('--raw and --output are mutually exclusive');
  await printRaw(factory, options, method, file === undefined ? undefined : await bytesOf(factory, file));
  return 0;
}

async function bytesOf({ io }: Factory, file: string): Promise<Uint8Array> {
  if (file === '-') return Buffer.from(await io.readStdin());
  try {
    return await readFile(file);
  } catch (error) {
    throw new CommandError(fileProblem(error, file), { cause: error });
  }
}
