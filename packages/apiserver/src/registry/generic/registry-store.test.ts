import { describe, expect, it } from 'vitest';
import { systemClock } from '@podling/shared/util';
import { ApiStatusError } from '@podling/shared/api';
import type { ConfigMap } from '@podling/shared/api';
import { configMapStrategy } from '../config-map/strategy.ts';
import { createMemoryStorage } from '../../storage/memory/memory-storage.ts';
import { RegistryStore } from './registry-store.ts';

const generated = (): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '', generateName: 'c-' } });

function storeWith(suffixes: string[]): RegistryStore<ConfigMap> {
  const next = suffixes.values();
  return new RegistryStore({ strategy: configMapStrategy, storage: createMemoryStorage({ clock: systemClock }), clock: systemClock, nameFrom: (base) => base + (next.next().value ?? 'taken') });
}

describe('a generated name', () => {
  it('is made anew when it is taken', async () => {
    const store = storeWith(['taken', 'taken', 'taken', 'free']);
    await store.create('default', generated());
    expect((await store.create('default', generated())).metadata.name).toBe('c-free');
  });

  it('is given up after eight of them', async () => {
    const store = storeWith(['taken', ...Array.from({ length: 8 }, () => 'taken'), 'free']);
    await store.create('default', generated());
    const refusal = await store.create('default', generated()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ApiStatusError);
    expect((refusal as ApiStatusError).status).toMatchObject({
      code: 409, reason: 'AlreadyExists', details: { name: 'c-taken', kind: 'configmaps', retryAfterSeconds: 1 },
      message: 'configmaps "c-taken" already exists, the server was not able to generate a unique name for the object',
    });
  });
});
