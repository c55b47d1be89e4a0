import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { normalizeArguments } from './arguments.ts';

const program = new Command('k').option('-n, --namespace <name>');
program.command('get').option('-o, --output <format>').option('-w, --watch').option('--no-headers');
program.command('delete').option('--no-wait').option('--force');

describe('normalizeArguments', () => {
  it.each([
    ['get -o=yaml', 'get -o yaml'],
    ['get --output=yaml', 'get --output=yaml'],
    ['get -w=true --watch=true', 'get -w --watch'],
    ['get --watch=false', 'get'],
    ['delete --wait=false --force=true', 'delete --no-wait --force'],
    ['delete --wait=true --force=false', 'delete'],
    ['get --namespace=true', 'get --namespace=true'],
    ['get -- -o=yaml --watch=true', 'get -- -o=yaml --watch=true'],
  ])('turns %j into %j', (typed, understood) => {
    expect(normalizeArguments(typed.split(' '), program)).toEqual(understood.split(' '));
  });
});
