import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const files = (...patterns: string[]): string[] => globSync(patterns, { cwd: root, exclude: (name) => name === 'node_modules' });

const page = read('docs/errors.md');
const kubelet = page.slice(page.indexOf('\n## Kubelet\n'));
const tests = files('packages/{kubelet,cri}/src/**/*.test.ts', 'packages/cri/src/contract/*.ts', 'test/{component,integration,e2e}/**/*.test.ts', 'test/harness/*.ts').map(read).join('\n');
const sources = files('packages/kubelet/src/**/*.ts').filter((path) => !/\.test\.ts$|\/testing\//.test(path)).map(read).join('\n');

/** Reasons of Events, of states and of refusals, as the sources write them. */
const written = new Set([...sources.matchAll(/'(?:Normal|Warning)', '([A-Z]\w+)'|\breason(?: =|:) '([A-Z]\w+)'/g)].map((match) => match[1] ?? match[2] ?? ''));

/** The reasons in the first column of a table, or in the second where the first is an Event's type. */
const told = [...kubelet.matchAll(/^\| (?:(?:Normal|Warning) \| )?((?:`[A-Z]\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, reason = '']) => reason));

describe("the kubelet's reasons in docs/errors.md", () => {
  it('are all that the sources give', () => {
    expect(written.size).toBeGreaterThan(30);
    expect([...written].filter((reason) => !kubelet.includes(`\`${reason}\``))).toEqual([]);
  });

  it('are each met by a test', () => {
    expect(told.length).toBeGreaterThan(30);
    expect([...new Set(told)].filter((reason) => !new RegExp(`\\b${reason}\\b`).test(tests))).toEqual([]);
  });
});
