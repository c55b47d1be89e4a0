import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PullCredential } from './docker-config.ts';
import { PulledImages, type PulledImagesOptions } from './pulled-images.ts';

const image = 'registry.example.com/team/web:1';
const id = 'sha256:1';
const own = (uid: string, password: string): PullCredential => ({ auth: { username: 'u', password }, source: { uid, namespace: 'default', name: `secret-${uid}` } });

describe('PulledImages', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'podling-pulled-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (options: Partial<PulledImagesOptions> = {}): PulledImages => new PulledImages({ folder, policy: 'NeverVerifyPreloadedImages', allowlist: [], ...options });
  const mayHave = (images: PulledImages, credentials: PullCredential[] = [], reference = image): Promise<boolean> => images.isAccessible(reference, id, () => Promise.resolve(credentials));

  it('are for whoever shows the same secret or the same credentials, also at the next start', async () => {
    const images = open();
    await images.begin(image);
    await images.succeeded(image, id, own('1', 'p'));
    for (const each of [images, open()]) {
      expect(await mayHave(each)).toBe(false);
      expect(await mayHave(each, [own('2', 'other')])).toBe(false);
      expect(await mayHave(each, [{ auth: { username: 'u', password: 'p' } }])).toBe(false);
      expect(await mayHave(each, [own('2', 'p')])).toBe(true);
      expect(await mayHave(each, [own('1', 'rotated')])).toBe(true);
    }
    expect(readdirSync(join(folder, 'pulling'))).toEqual([]);
    const [file = ''] = readdirSync(join(folder, 'pulled'));
    expect(readFileSync(join(folder, 'pulled', file), 'utf8')).not.toContain('"p"');
  });

  it('are for everyone once they came without a pod\'s credentials, by that name', async () => {
    const images = open();
    await images.succeeded(image, id, own('1', 'p'));
    await images.succeeded(image, id, { auth: { username: 'node', password: 'p' } });
    expect(await mayHave(images)).toBe(true);
    expect(await mayHave(images, [], 'elsewhere.example.com/web:1')).toBe(false);
  });

  it('are the node owner\'s if no pull brought them, and not while or after one that was cut short', async () => {
    const images = open();
    expect(await mayHave(images)).toBe(true);
    await images.begin(image);
    await images.begin(image);
    await images.failed(image);
    expect(await mayHave(open())).toBe(false);
    await images.failed(image);
    expect(await mayHave(images)).toBe(true);
  });

  it('are still being pulled when one pull ends while another begins', async () => {
    const images = open();
    await images.begin(image);
    await Promise.all([images.begin(image), images.failed(image)]);
    expect(await mayHave(open())).toBe(false);
    await images.failed(image);
    expect(await mayHave(open())).toBe(true);
  });

  it('are not being pulled when that could not be noted', async () => {
    const images = open();
    writeFileSync(join(folder, 'pulling'), '');
    await expect(images.begin(image)).rejects.toThrow('EEXIST');
    rmSync(join(folder, 'pulling'));
    await images.begin(image);
    await images.failed(image);
    expect(await mayHave(images)).toBe(true);
  });

  it('whose record is broken must be shown again', async () => {
    const images = open();
    await images.succeeded(image, id, undefined);
    const [file = ''] = readdirSync(join(folder, 'pulled'));
    writeFileSync(join(folder, 'pulled', file), '{');
    expect(await mayHave(images, [own('1', 'p')])).toBe(false);
  });

  it('are recorded together, whoever comes at once', async () => {
    const images = open();
    await Promise.all(['1', '2', '3'].map((uid) => images.succeeded(image, id, own(uid, `p${uid}`))));
    for (const uid of ['1', '2', '3']) expect(await mayHave(images, [own(uid, `p${uid}`)])).toBe(true);
  });

  it.each([
    ['NeverVerify', [], true, true],
    ['AlwaysVerify', [], false, false],
    ['NeverVerifyAllowlistedImages', ['registry.example.com/team/web'], true, false],
    ['NeverVerifyAllowlistedImages', ['registry.example.com/team/*'], true, false],
    ['NeverVerifyAllowlistedImages', ['registry.example.com/other/*'], false, false],
  ] as const)('obey the policy %s %j', async (policy, allowlist, preloaded, pulled) => {
    const images = open({ policy, allowlist });
    expect(await mayHave(images)).toBe(preloaded);
    await images.succeeded(image, id, own('1', 'p'));
    expect(await mayHave(images)).toBe(pulled);
  });
});
