import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { firstPlainWord, normalizeArguments } from './arguments.ts';

const program = new Command('k').option('-n, --namespace <name>');
program.command('get').option('-o, --output <format>').option('-w, --watch').option('--no-headers');
program.command('delete').option('--no-wait').option('--force').option('--validate [mode]');

describe('normalizeArguments', () => {
  it.each([
    ['get -o=yaml', 'get -o yaml'],
    ['get --output=yaml', 'get --output=yaml'],
    ['get -w=true --watch=true', 'get -w --watch'],
    ['get --watch=false', 'get'],
    ['delete --wait=false --force=true', 'delete --no-wait --force'],
    ['delete --wait=true --force=false', 'delete'],
    ['get --no-headers=true --no-headers=false --headers', 'get --no-headers'],
    ['delete --wait --validate x', 'delete --validate=true x'],
    ['get --namespace=true', 'get --namespace=true'],
    ['get -- -o=yaml --watch=true', 'get -- -o=yaml --watch=true'],
  ])('turns %j into %j', (typed, understood) => {
    expect(normalizeArguments(typed.split(' '), [program, ...program.commands])).toEqual(understood.split(' '));
  });
});

describe('firstPlainWord', () => {
  it.each([
    ['-n blue get pods', 2],
    ['--namespace blue --force get', 3],
    ['--namespace=blue get', 1],
    ['--help', -1],
    ['-- get', -1],
  ])('of %j is at %i', (typed, index) => {
    expect(firstPlainWord(typed.split(' '), [program])).toBe(index);
  });
});
