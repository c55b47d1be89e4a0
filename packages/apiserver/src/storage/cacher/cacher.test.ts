import { createLogger, systemClock } from '@podling/shared/util';
import { podsPrefix } from '../contract/fixture.ts';
import { createMemoryStorage } from '../memory/memory-storage.ts';
import { storageContract } from '../storage.contract.ts';
import { createCacher } from './cacher.ts';

const historySize = 256;

storageContract('Cacher on MemoryStorage', async () => {
  const below = createMemoryStorage({ clock: systemClock });
  const storage = createCacher(below, podsPrefix, { clock: systemClock, logger: createLogger('test', 'silent'), historySize });
  await storage.ready();
  return {
    storage,
    historySize,
    compact: async (revision) => below.compact(revision),
    stop: async () => {
      await storage.close();
      await below.close();
    },
  };
});
