import { describe, expect, it } from 'vitest';
import { findVerb, firstPlainWord, loadVerbs } from './verbs.ts';
import type { Flag, FlagSet, VerbTable } from './verbs.ts';

interface Verb {
  flags?: FlagSet;
  verbs?: VerbTable<Verb>;
}

const flag = (long: string, required: boolean, short?: string): Flag => ({ long, short, required, hidden: false, description: '' });
const globals: FlagSet = { options: [flag('--namespace', true, '-n'), flag('--force', false)] };
const loaded: string[] = [];
const entry = (name: string, verb: Verb, aliases: string[] = []): VerbTable<Verb>[string] => ({ summary: name, aliases, load: async () => (loaded.push(name), verb) });
const table: VerbTable<Verb> = {
  get: entry('get', { flags: { options: [flag('--output', true, '-o')] } }),
  create: entry('create', { verbs: { secret: entry('secret', {}) } }, ['make']),
};

describe('a table of commands', () => {
  it.each([['get', 'get'], ['make', 'create'], ['toString', undefined], ['', undefined]])('finds %j as %j', (word, name) => expect(findVerb(table, word)?.[0]).toBe(name));
});

describe('the first plain word', () => {
  it.each([['-n blue get pods', 2], ['--namespace blue --force get', 3], ['--namespace=blue get', 1], ['- get', 0], ['--help', -1], ['-- get', -1]])('of %j is at %i', (words, index) => {
    expect(firstPlainWord(words.split(' '), [globals])).toBe(index);
  });
});

describe('a line', () => {
  it.each<[string, string[], string]>([
    ['-n blue get -o yaml pods', ['get'], '-n blue -o yaml pods'],
    ['make --force secret x', ['create', 'secret'], '--force x'],
    ['fly', [], 'fly'],
    ['create get', ['create'], 'get'],
  ])('%j loads %j alone', async (words, names, rest) => {
    loaded.length = 0;
    const line = await loadVerbs(words.split(' '), table, { globals, of: (_, { flags = { options: [] } }) => flags });
    expect([loaded, line.typed.map(({ name }) => name), line.rest.join(' ')]).toEqual([names, names, rest]);
  });
});
