import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const suite = [...globSync('packages/cri/src/contract/*.contract.ts', { cwd: root }), 'test/integration/cri-containerd.test.ts'].map(read).join('\n');

/** Titles without the row ids before them. */
const titles = new Set([...suite.matchAll(/\b(?:promises\.it\('\w+', |it\()'((?:\\'|[^'])+)'/g)].map(([, title = '']) => title.replaceAll("\\'", "'").replace(/^(\[\w+\] )+/, '')));
const rows = [...read('docs/cri-contract.md').matchAll(/^\| [^\n]+ \| (?:C )?\| ([^|\n]+) \|$/gm)].map(([, test = '']) => test).filter((test) => test !== 'test here');

describe('docs/runtimes.md', () => {
  it('has a row for each promise that a CRI runtime lacks', () => {
    const lacks = [...['test/harness/cri-lacks.ts', 'test/integration/cri-remote.test.ts'].map(read).join('\n').matchAll(/^ {2,4}(\w+): \{\n +why:/gm)].map(([, name = '']) => name);
    const described = [...read('docs/runtimes.md').matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
    expect(lacks.length).toBeGreaterThan(8);
    expect(lacks.filter((name) => !described.includes(name))).toEqual([]);
  });
});

describe('docs/cri-contract.md', () => {
  it('names tests that are there', () => {
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.filter((test) => !titles.has(test) && !test.startsWith('`'))).toEqual([]);
  });
});
