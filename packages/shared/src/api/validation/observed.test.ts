import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../index.ts';
import { kinds } from '../scheme.ts';

interface Observed {
  what: string;
  object: KubeObject & { kind: string };
  causes?: string[];
  warnings?: string[];
}

/** What Kubernetes answers to an object, one fault or several in each. */
const observed = (name: string) => JSON.parse(readFileSync(new URL(`testdata/${name}.json`, import.meta.url), 'utf8')) as Observed[];

/** The object as it is when validation sees it. */
function prepare({ object }: Observed) {
  const info = kinds.find(({ kind }) => kind === object.kind);
  if (!info) throw new Error(`no kind ${object.kind}`);
  const ready = info.applyDefaults(info.decode(object).object);
  if (info.namespaced) ready.metadata.namespace ??= 'val';
  return { info, ready };
}

describe('validation', () => {
  it.each(observed('refused').map((row): [string, Observed] => [row.what, row]))('refuses as Kubernetes does: %s', (_what, row) => {
    const { info, ready } = prepare(row);
    expect(info.validateCreate(ready).map(({ field, message }) => `${field}: ${message}`)).toEqual(row.causes);
  });

  it.each(observed('warned').map((row): [string, Observed] => [row.what, row]))('takes with a warning: %s', (_what, row) => {
    const { info, ready } = prepare(row);
    expect(info.validateCreate(ready)).toEqual([]);
    expect(info.warningsOnCreate(ready)).toEqual(row.warnings);
  });
});
