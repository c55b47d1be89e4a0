import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { DiscoveryCache } from './discovery-cache.ts';
import { RestMapper } from './rest-mapping.ts';

const HOURS = 3600 * 1000;
let home: string;
let age: number;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'podling-kubectl-discovery-'));
});
beforeEach(() => {
  age = 0;
});
afterAll(() => rmSync(home, { recursive: true }));

/** As one command after the other: what it finds, and what it asks the server for. */
async function command(api: FakeApi, type: string, server: string): Promise<string[]> {
  const cache = DiscoveryCache.of(server, { HOME: home }, () => Date.now() + age);
  const before = api.requests.length;
  await new RestMapper(api, cache).resolve(type).catch(() => undefined);
  return api.requests.slice(before).map(({ path }) => path);
}
const file = (host: string) => join(home, '.kube/cache/discovery', host, 'v1/serverresources.json');

describe('DiscoveryCache', () => {
  it('saves the next command the question, for six hours', async () => {
    const api = new FakeApi();
    expect(await command(api, 'pods', 'https://a:1')).toEqual(['/api/v1']);
    expect(await command(api, 'po', 'https://a:1')).toEqual([]);
    expect(await command(api, 'pods', 'https://b')).toEqual(['/api/v1']);
    age = 7 * HOURS;
    expect(await command(api, 'pods', 'https://a:1')).toEqual(['/api/v1']);
  });

  it('keeps it where upstream does, in its form', () => {
    expect(JSON.parse(readFileSync(file('a_1'), 'utf8'))).toMatchObject({ groupVersion: 'v1', resources: expect.arrayContaining([expect.objectContaining({ name: 'pods/log' })]) });
  });

  it('asks again for what it does not know, and for files that are broken', async () => {
    expect(await command(new FakeApi(), 'leases', 'https://a:1')).toEqual(['/apis', '/api/v1', '/apis/coordination.k8s.io/v1']);
    expect(await command(new FakeApi(), 'gizmos', 'https://a:1')).toContain('/apis');
    for (const text of ['{', '{}', 'null', '[]']) {
      writeFileSync(file('a_1'), text);
      expect(await command(new FakeApi(), 'pods', 'https://a:1')).toEqual(['/api/v1']);
    }
  });

  it('keeps nothing outside its folder, whatever a server or a manifest calls a group', () => {
    const cache = DiscoveryCache.of('https://c', { HOME: home }, Date.now);
    cache?.write('apps.example.com/v1', {});
    for (const groupVersion of ['../../up/v1', '../v1', 'a/../v1', '/v1', '..', '']) {
      cache?.write(groupVersion, {});
      expect(cache?.read(groupVersion)).toBeUndefined();
    }
    expect(readdirSync(join(home, '.kube/cache/discovery/c'), { recursive: true })).toHaveLength(3);
    expect(readdirSync(join(home, '.kube/cache/discovery')).toSorted()).toEqual(['a_1', 'b', 'c']);
  });

  it('is nowhere without a home', () => {
    expect(DiscoveryCache.of('https://a', {}, Date.now)).toBeUndefined();
    expect(DiscoveryCache.of('https://../..', { HOME: home }, Date.now)).toBeUndefined();
  });
});
