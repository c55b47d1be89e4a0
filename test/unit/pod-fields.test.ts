import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findEntry } from '../pod-fields/find-entry.ts';
import { leafFields } from '../pod-fields/leaf-fields.ts';
import { podFields } from '../pod-fields/pod-fields.ts';
import { renderPodFields } from '../pod-fields/render.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const entries = Object.entries(podFields);
const lastName = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** All that may act on a pod's field, without tests and comments. */
const sources = globSync(['packages/{kubelet,scheduler}/src/**/*.ts', 'packages/apiserver/src/admission/**/*.ts'], { cwd: root })
  .filter((path) => !/\.test\.ts$|\/testing\//.test(path))
  .map((path) => read(path).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))
  .join('\n');
const isMentioned = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(sources);

describe('docs/pod-fields.md', () => {
  it('says of every field of the schema what becomes of it', () => {
    const leaves = leafFields();
    expect(leaves.length).toBeGreaterThan(300);
    expect(leaves.filter((path) => findEntry(podFields, path) === undefined)).toEqual([]);
  });

  it('speaks of no field that is not there', () => {
    const leaves = leafFields();
    expect(entries.map(([path]) => path).filter((path) => !leaves.some((leaf) => findEntry(podFields, leaf)?.[0] === path))).toEqual([]);
  });

  it('names a test for whatever is acted on or refused', () => {
    const unshown = entries.filter(([, { state, shownBy }]) => state !== 'stored' && !(shownBy && read(shownBy[0]).includes(shownBy[1])));
    expect(unshown.map(([path]) => path)).toEqual([]);
  });

  it('agrees with the sources: what is acted on is read there, what is only stored is not', () => {
    const wrong = entries.filter(([path, { state, alias }]) => (alias ?? [lastName(path)]).some((name) => isMentioned(name)) === (state === 'stored'));
    expect(wrong.map(([path, { state }]) => `${path}: ${state}`)).toEqual([]);
  });

  it('is what is generated', () => {
    expect(read('docs/pod-fields.md')).toBe(renderPodFields(podFields));
  });
});
