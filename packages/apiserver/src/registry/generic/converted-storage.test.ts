import { describe, expect, it } from 'vitest';
import type { KubeObject } from '@podling/shared/api';
import type { Storage, StorageWatchIterator } from '../../storage/storage.ts';
import { ConvertedStorage } from './converted-storage.ts';

const same = (object: KubeObject): KubeObject => object;

describe('ConvertedStorage', () => {
  it('says that a watch is in place when the one below is', async () => {
    let isInPlace = false;
    const below: StorageWatchIterator<KubeObject> = {
      ready: async () => {
        isInPlace = true;
      },
      next: async () => ({ done: true, value: undefined }),
    };
    const inner = { watch: () => ({ [Symbol.asyncIterator]: () => below }) } as unknown as Storage;
    const storage = new ConvertedStorage(inner, { toStored: same, toServed: same });
    await storage.watch('/registry/events/', { signal: new AbortController().signal })[Symbol.asyncIterator]().ready?.();
    expect(isInPlace).toBe(true);
  });
});
