import fc from 'fast-check';
import { newExpired } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { lines, watchEvents } from './watch.ts';

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('lines', () => {
  it('does not depend on where the chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }).filter((s) => !s.includes('\n'))), fc.integer({ min: 1, max: 7 }), async (texts, size) => {
        const body = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        expect(await collect(lines(chunked(body, size)))).toEqual(texts);
      }),
    );
  });

  it('keeps a last line without its end', async () => {
    expect(await collect(lines(chunked(Buffer.from('a\nb'), 2)))).toEqual(['a', 'b']);
  });
});

describe('watchEvents', () => {
  const path = '/api/v1/pods';
  const watching = (events: unknown[]) => watchEvents<{ n: number }>(new FakeApi().on(`WATCH ${path}`, events), { path });

  it('yields events in order and leaves bookmarks out', async () => {
    const seen = await collect(watching([{ type: 'ADDED', object: { n: 1 } }, { type: 'BOOKMARK', object: {} }, '\n', { type: 'DELETED', object: { n: 2 } }]));
    expect(seen).toEqual([{ type: 'ADDED', object: { n: 1 } }, { type: 'DELETED', object: { n: 2 } }]);
  });

  it('throws the Status of an ERROR event', async () => {
    const events = watching([{ type: 'ERROR', object: newExpired('too old').status }]);
    await expect(collect(events)).rejects.toMatchObject({ name: 'ApiStatusError', message: 'too old' });
  });
});
