import { describe, expect, it } from 'vitest';
import type { ManifestObject } from '../resource/manifest.ts';
import { LAST_APPLIED, lastAppliedOf, withLastApplied } from './last-applied.ts';
import { threeWayPatch } from './three-way-patch.ts';

const container = (image: string, more: object = {}) => ({ name: 'web', image, ...more });
const pod = (metadata: object, ...containers: object[]): ManifestObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec: { containers },
});

/** As the server keeps it: with fields of its own. */
function stored(object: ManifestObject): ManifestObject {
  const applied = withLastApplied(object);
  return { ...applied, metadata: { ...applied.metadata, uid: 'u', resourceVersion: '7' }, status: { phase: 'Running' } };
}

describe('withLastApplied', () => {
  it('keeps the object as the user wrote it, without an older annotation', () => {
    const once = withLastApplied(pod({ labels: { a: 'b' } }));
    expect(lastAppliedOf(once)).toEqual(pod({ labels: { a: 'b' }, annotations: {} }));
    expect(withLastApplied(once)).toEqual(once);
  });

  it('writes the same text whatever the order of keys', () => {
    const [one, two] = [{ a: 1, b: 2 }, { b: 2, a: 1 }].map((spec) => withLastApplied({ ...pod({}), spec }).metadata.annotations?.[LAST_APPLIED]);
    expect(one).toBe(two);
    expect(one?.endsWith('\n')).toBe(true);
  });
});

describe('lastAppliedOf', () => {
  it.each(['{"kind":', '[]', 'null', ' '])('names the object, the annotation and the way out for %j', (text) => {
    const spoilt = pod({ annotations: { [LAST_APPLIED]: text } });
    expect(() => lastAppliedOf(spoilt)).toThrow(/^the annotation kubectl\.kubernetes\.io\/last-applied-configuration of Pod "web" holds no JSON object \(.+\): remove the annotation, or delete/);
  });
});

describe('threeWayPatch', () => {
  it('finds nothing to do for the same manifest', async () => {
    const object = pod({ labels: { app: 'web' } }, container('a:1'));
    expect(await threeWayPatch(withLastApplied(object), stored(object))).toBeUndefined();
  });

  it('changes what is wanted, removes what is wanted no more, leaves the rest', async () => {
    const before = pod({ labels: { app: 'web', old: 'x' } }, container('a:1'));
    const live = stored(before);
    live.metadata.labels = { ...live.metadata.labels, theirs: 'y' };
    const made = await threeWayPatch(withLastApplied(pod({ labels: { app: 'web' } }, container('a:2'))), live);
    expect(made?.type).toBe('application/strategic-merge-patch+json');
    expect(made?.patch).toMatchObject({ metadata: { labels: { old: null } }, spec: { containers: [{ name: 'web', image: 'a:2' }] } });
    expect(made?.patch['metadata']).toHaveProperty('labels', { old: null });
  });

  it('falls back to a merge patch for a kind it has no schema of', async () => {
    const widget = (size: number): ManifestObject => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec: { size } });
    const made = await threeWayPatch(withLastApplied(widget(2)), stored(widget(1)));
    expect(made).toMatchObject({ type: 'application/merge-patch+json', patch: { spec: { size: 2 } } });
  });
});
