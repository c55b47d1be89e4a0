import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { printStream } from '../io.ts';

export interface RawRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
}

/** Prints what the server answers to a path typed by the user, as it comes. */
export async function printRaw(factory: Factory, uri: string, request: RawRequest = {}): Promise<void> {
  await printStream(factory.io, await openRaw(factory, uri, request));
}

async function openRaw(factory: Factory, uri: string, { method = 'GET', body }: RawRequest): Promise<AsyncIterable<Uint8Array>> {
  const url = uri.startsWith('/') && URL.canParse(uri, 'http://server') ? new URL(uri, 'http://server') : undefined;
  if (url === undefined) throw new CommandError(`--raw must be a valid URL path: ${JSON.stringify(uri)} does not begin with a slash`);
  const rest = await factory.client();
  return rest.stream({ method, path: url.pathname, query: Object.fromEntries(url.searchParams), accept: '*/*', ...(body === undefined ? {} : { body }) });
}
