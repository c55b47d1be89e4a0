import { ApiStatusError } from '@podling/shared/errors';
import type { Status } from '@podling/shared/api';
import type { RequestOptions, RestClient } from '@podling/shared/client';
import { RequestTimeoutError } from '../errors.ts';

export interface WatchedEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
}

/** Splits a body into its lines, whatever the chunks it came in. */
export async function* lines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

/** A body whose end `--request-timeout` may be. */
async function* untilTimeout(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (!(error instanceof RequestTimeoutError)) throw error;
  }
}

/**
 * A watch over chunked HTTP, which unlike a WebSocket may ask for Tables. Ends when the server or the request's timeout
 * ends it; throws what an ERROR event says. Bookmarks are left out.
 */
export async function* watchEvents<T>(rest: RestClient, options: Pick<RequestOptions, 'path' | 'query' | 'accept' | 'signal'>): AsyncGenerator<WatchedEvent<T>> {
  const body = await rest.stream({ ...options, query: { ...options.query, watch: true }, timeoutMs: 0 });
  for await (const line of lines(untilTimeout(body))) {
    if (line === '') continue;
    const event = JSON.parse(line) as { type: string; object: T };
    if (event.type === 'ERROR') throw new ApiStatusError(event.object as Status);
    if (event.type !== 'BOOKMARK') yield event as WatchedEvent<T>;
  }
}
