import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { normalizeArguments } from './arguments.ts';

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
    ['get --watch=T --no-headers=0 -w=1', 'get --watch -w'],
    ['get -- -o=yaml --watch=true', 'get -- -o=yaml --watch=true'],
  ])('turns %j into %j', (typed, understood) => {
    expect(normalizeArguments(typed.split(' '), [program, ...program.commands])).toEqual(understood.split(' '));
  });

  it.each([
    ['get --watch=maybe', 'invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
    ['get -w=maybe', 'invalid argument "maybe" for "-w, --watch" flag'],
    ['get --no-headers=', 'invalid argument "" for "--no-headers" flag'],
    ['delete --wait=5', 'invalid argument "5" for "--wait" flag'],
  ])('refuses %j', (typed, message) => {
    expect(() => normalizeArguments(typed.split(' '), [program, ...program.commands])).toThrow(message);
  });
});
