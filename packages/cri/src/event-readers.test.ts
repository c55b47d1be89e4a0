import { describe, expect, it } from 'vitest';
import type { ContainerEvent } from './cri.ts';
import { CriError } from './cri.ts';
import { EventReaders } from './event-readers.ts';

const event = (containerId: string): ContainerEvent => ({ type: 'CONTAINER_STARTED_EVENT', containerId, timestampMs: 0 });

async function seen(events: AsyncIterable<ContainerEvent>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { containerId } of events) ids.push(containerId);
  return ids;
}

describe('EventReaders', () => {
  it('hands every event to each of them, in order, as far as their end', async () => {
    const readers = new EventReaders();
    const all = [1, 2].map(() => seen(readers.read(new AbortController().signal)));
    for (const id of ['a', 'b']) readers.emit(event(id));
    readers.end();
    expect(await Promise.all(all)).toEqual([['a', 'b'], ['a', 'b']]);
  });

  it('ends for one that was aborted, before or meanwhile, and leaves the others', async () => {
    const readers = new EventReaders();
    const ending = new AbortController();
    const [left, stays] = [seen(readers.read(ending.signal)), seen(readers.read(new AbortController().signal))];
    ending.abort();
    expect(await seen(readers.read(ending.signal, new CriError('Unavailable', 'away')))).toEqual([]);
    readers.emit(event('a'));
    readers.end();
    expect(await left).toEqual([]);
    expect(await stays).toEqual(['a']);
  });

  it('fails where there are no events, and when they are lost', async () => {
    const readers = new EventReaders();
    await expect(seen(readers.read(new AbortController().signal, new CriError('Unavailable', 'away')))).rejects.toThrow('away');
    const read = seen(readers.read(new AbortController().signal));
    readers.end(new CriError('Unavailable', 'lost'));
    await expect(read).rejects.toThrow('lost');
  });

  it('lets go of one that does not read, so that memory has an end', async () => {
    const readers = new EventReaders();
    const [idle, busy] = [readers.read(new AbortController().signal), readers.read(new AbortController().signal)];
    const reading = seen(busy);
    for (let count = 0; count <= 10_000; count += 1) {
      readers.emit(event(`${count}`));
      await Promise.resolve();
    }
    readers.end();
    await expect(seen(idle)).rejects.toThrow('events are missing');
    expect(await reading).toHaveLength(10_001);
  });
});
