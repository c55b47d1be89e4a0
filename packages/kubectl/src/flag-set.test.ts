import { describe, expect, it } from 'vitest';
import { firstPlainWord, FlagSet, Option, parseLine } from './flag-set.ts';

const globals = () => new FlagSet().option('-n, --namespace <name>', '').option('--token <token>', 'of all');
const flags = () =>
  new FlagSet()
    .option('-o, --output <format>', '')
    .option('-w, --watch', '')
    .option('-i, --stdin', '')
    .option('--no-headers', '')
    .option('--no-wait', '')
    .option('--tail <lines>', '', '-1')
    .option('--token <token>', 'of the command')
    .addOption(new Option('--validate [mode]', '').preset('strict'))
    .addOption(new Option('-f, --filename <path>', '').argParser<string[]>((value, before = []) => [...before, value]));

describe('parseLine', () => {
  it.each<[string, object, string]>([
    ['-o=yaml pods', { output: 'yaml' }, 'pods'],
    ['-oyaml', { output: 'yaml' }, ''],
    ['--output yaml a --watch b', { output: 'yaml', watch: true }, 'a b'],
    ['-w=true --watch=false', { watch: false }, ''],
    ['-iw', { stdin: true, watch: true }, ''],
    ['-iwo json', { stdin: true, watch: true, output: 'json' }, ''],
    ['--wait=false --no-headers=true', { wait: false, headers: false }, ''],
    ['--wait=true --no-headers=false', { wait: true, headers: true }, ''],
    ['--no-wait --wait', { wait: true }, ''],
    ['--validate x', { validate: 'strict' }, 'x'],
    ['--validate=warn', { validate: 'warn' }, ''],
    ['-f a -f=b,c --filename=d', { filename: ['a', 'b,c', 'd'] }, ''],
    ['--tail=5', { tail: '5' }, ''],
    ['--token x', { token: 'x' }, ''],
    ['-o --watch', { output: '--watch' }, ''],
    ['- a', {}, '- a'],
    ['a -- -o=yaml --nope', {}, 'a -o=yaml --nope'],
  ])('reads %j', (line, wanted, words) => {
    const parsed = parseLine([globals(), flags()], line.split(' '));
    expect(parsed.values[1]).toEqual({ headers: true, wait: true, tail: '-1', ...wanted });
    expect(parsed.words.join(' ')).toBe(words);
  });

  it('gives each flag to its own set', () => {
    expect(parseLine([globals(), flags()], ['-n', 'blue', '--watch']).values[0]).toEqual({ namespace: 'blue' });
  });

  it('says where -- stood', () => {
    expect(parseLine([flags()], ['a', '--', 'b']).atDash).toBe(1);
    expect(parseLine([flags()], ['a']).atDash).toBeUndefined();
  });

  it.each([
    ['--nope', 'unknown flag: --nope'],
    ['--nope=1', 'unknown flag: --nope'],
    ['-Z', "unknown shorthand flag: 'Z' in -Z"],
    ['-wZ', "unknown shorthand flag: 'Z' in -wZ"],
    ['--output', 'flag needs an argument: --output'],
    ['-o', "flag needs an argument: 'o' in -o"],
    ['--watch=maybe', 'invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
  ])('refuses %j: %s', (line, message) => {
    expect(() => parseLine([globals(), flags()], line.split(' '))).toThrow(message);
  });

  it('misses what is required', () => {
    expect(() => parseLine([new FlagSet().requiredOption('--external-name <name>', '')], [])).toThrow('required flag(s) "external-name" not set');
  });
});

describe('firstPlainWord', () => {
  it.each([
    ['-n blue get pods', 2],
    ['--namespace blue --force get', 3],
    ['--namespace=blue get', 1],
    ['--help', -1],
    ['-- get', -1],
  ])('of %j is at %i', (line, index) => {
    expect(firstPlainWord(line.split(' '), [globals()])).toBe(index);
  });
});
