import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const names = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);

describe('docs/request-lifecycle.md', () => {
  it('has the filters in the order in which requests pass them', () => {
    const inCode = names(read('packages/apiserver/src/endpoints/filters/chain.ts'), /^ {4}\['([\w-]+)', /gm);
    expect(inCode.length).toBeGreaterThan(5);
    expect(names(read('docs/request-lifecycle.md'), /^\| `([\w-]+)` \|/gm)).toEqual(inCode);
  });
});
