import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const documents = globSync(['*.md', 'docs/**/*.md', 'bench/**/*.md', 'examples/**/*.md'], { cwd: root, exclude: (name) => name === 'node_modules' });
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
const withoutCodeBlocks = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '');

/** Text in backticks, outside of code blocks. */
const quoted = (text: string): string[] => matches(withoutCodeBlocks(text), /`([^`\n]+)`/g);

const inRepository = /^(?:packages|deploy|test|bench|docs|examples|lint|\.ci)\/[\w./@-]+$/;
const typescript = /^[\w./@-]+\.ts$/;

const brokenLinks = (file: string, text: string): string[] =>
  matches(withoutCodeBlocks(text), /\]\(([^)\s]+)\)/g)
    .map((target) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(join(root, dirname(file), target)));

const missingPaths = (text: string, looksLikePath: (word: string) => boolean): string[] =>
  quoted(text).filter(looksLikePath).filter((path) => !existsSync(join(root, path)));

const scriptsOf = (folder: string): Record<string, string> => (JSON.parse(read(join(folder, 'package.json'))) as { scripts: Record<string, string> }).scripts;
/** Of the root, or of the workspace behind `-w`. */
const missingScripts = (text: string): string[] =>
  [...text.matchAll(/npm run (?:-s )?([a-z][a-z:-]*)(?: -w ([\w/-]+))?/g)]
    .filter(([, name = '', workspace = '.']) => !(name in scriptsOf(workspace)))
    .map(([, name = '']) => name);

describe('documents', () => {
  it('are found', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'ARCHITECTURE.md', 'docs/errors.md', 'docs/house-tour.md']));
  });

  it.each(documents)('%s: every relative link resolves', (file) => {
    expect(brokenLinks(file, read(file))).toEqual([]);
  });

  it.each(documents)('%s: every path of the repository exists', (file) => {
    expect(missingPaths(read(file), (word) => inRepository.test(word))).toEqual([]);
  });

  it.each(documents)('%s: every npm script exists', (file) => {
    expect(missingScripts(read(file))).toEqual([]);
  });

  it.each(['docs/house-tour.md', 'docs/request-lifecycle.md'])('%s names every file from the root', (file) => {
    expect(missingPaths(read(file), (word) => typescript.test(word))).toEqual([]);
  });

  it('have a check that can fail', () => {
    expect(brokenLinks('docs/x.md', '[a](nowhere.md) [b](../README.md#top) [c](https://example.com)')).toEqual(['nowhere.md']);
    expect(missingPaths('`packages/none.ts` `packages/shared`', (word) => inRepository.test(word))).toEqual(['packages/none.ts']);
    expect(missingScripts('`npm run -s cluster -- status`, npm run test:none, `npm run definitions -w packages/apiserver`')).toEqual(['test:none']);
    expect(missingScripts('npm run definitions, npm run demo -w packages/apiserver')).toEqual(['definitions', 'demo']);
  });
});

/** The members of `type NAME = 'A' | 'B'`. */
function members(file: string, type: string): string[] {
  const [, body = ''] = new RegExp(`type ${type} =([^;]*);`).exec(read(file)) ?? [];
  return matches(body, /'(\w+)'/g);
}

describe('docs/errors.md', () => {
  const text = read('docs/errors.md');
  const undocumented = (codes: string[]): string[] => codes.filter((code) => !text.includes(`\`${code}\``));

  it.each([
    ['packages/apiserver/src/storage/errors.ts', 'StorageErrorCode'],
    ['packages/cri/src/types/error.ts', 'CriErrorCode'],
    ['packages/kubelet/src/images/image-manager.ts', 'ImageErrorReason'],
  ])('has every code of %s %s', (file, type) => {
    expect(members(file, type).length).toBeGreaterThan(3);
    expect(undocumented(members(file, type))).toEqual([]);
  });

  it('has every HTTP code with its reason', () => {
    const source = read('packages/shared/src/api/errors.ts');
    const pairs = [...source.matchAll(/code: (\d+),\s+reason: '(\w+)'/g)].map(([, code, reason]) => `| ${code} | \`${reason}\` |`);
    expect(pairs.length).toBeGreaterThan(10);
    expect(pairs.filter((pair) => !text.includes(pair))).toEqual([]);
  });
});
