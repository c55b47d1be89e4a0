import { systemClock } from '@podling/shared/util';
import { storageContract } from '../storage.contract.ts';
import { createMemoryStorage } from './memory-storage.ts';

storageContract('MemoryStorage', async () => {
  const storage = createMemoryStorage({ clock: systemClock });
  return {
    storage,
    compact: async (revision) => storage.compact(revision),
    stop: () => storage.close(),
  };
});
