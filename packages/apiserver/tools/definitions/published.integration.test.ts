import { beforeAll, describe, expect, it } from 'vitest';
import { compareDefinitions } from './compare.ts';
import type { Definition } from './compare.ts';
import { fetchDefinitions } from './fetch-definitions.ts';
import { intendedDifferences } from './intended-differences.ts';
import { ourDefinitions } from './our-definitions.ts';

describe('our definitions', () => {
  let published: ReadonlyMap<string, Definition>;
  beforeAll(async () => {
    published = await fetchDefinitions();
  });

  it('differ from the published ones where they are meant to, and nowhere else', () => {
    expect(published.size).toBeGreaterThan(500);
    expect(compareDefinitions(ourDefinitions(), published)).toEqual(Object.keys(intendedDifferences).toSorted());
  });
});
