import { describe, expect, it } from 'vitest';
import { systemClock } from '@podling/shared/util';
import { ApiStatusError } from '@podling/shared/api';
import type { ConfigMap, Namespace } from '@podling/shared/api';
import { configMapStrategy } from '../config-map/strategy.ts';
import { namespaceStrategy } from '../namespace/strategy.ts';
import { createMemoryStorage } from '../../storage/testing/index.ts';
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

describe('a namespace that ends while something is made in it', () => {
  const storage = createMemoryStorage({ clock: systemClock });
  const namespaces = new RegistryStore({ strategy: namespaceStrategy, storage, clock: systemClock });
  const create = (name: string): Promise<Namespace> => namespaces.create('', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const made = (namespace: string): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace } });

  /** What an apiserver does that has not heard of anything since. */
  function storeThatKnows(namespace: Namespace): RegistryStore<ConfigMap> {
    const lookup = { get: async () => namespace, read: (name: string) => namespaces.get('', name) };
    return new RegistryStore({ strategy: configMapStrategy, storage, clock: systemClock, namespaces: lookup });
  }

  it('takes nothing new, whoever remembers it as it was', async () => {
    const store = storeThatKnows(await create('ending'));
    await namespaces.delete('', 'ending');
    const refusal = await store.create('ending', made('ending')).catch((error: unknown) => error);
    expect((refusal as ApiStatusError).status).toMatchObject({ code: 403, details: { causes: [{ reason: 'NamespaceTerminating' }] } });
    expect((await store.list('ending')).items).toEqual([]);
  });

  it('takes it if it has only changed', async () => {
    const store = storeThatKnows(await create('changing'));
    await namespaces.update('', 'changing', (current) => ({ ...current, metadata: { ...current.metadata, annotations: { a: 'b' } } }));
    expect((await store.create('changing', made('changing'))).metadata.name).toBe('late');
  });

  it('is not found once it is gone', async () => {
    const known = await create('gone');
    await storage.delete('/registry/namespaces/gone');
    await expect(storeThatKnows(known).create('gone', made('gone'))).rejects.toThrow('namespaces "gone" not found');
  });
});
