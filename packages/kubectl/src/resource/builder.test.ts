import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { targetsFromArgs } from './builder.ts';
import { RestMapper } from './rest-mapping.ts';

const inDefault = { namespace: 'default', selects: false };

async function targets(words: string[], options: { namespace: string | undefined; selects: boolean } = inDefault) {
  const found = await targetsFromArgs(new RestMapper(new FakeApi()), words, options);
  return found.map(({ mapping, namespace, name }) => [mapping.resource, namespace, name]);
}

describe('targetsFromArgs', () => {
  it.each([
    [['pods'], [['pods', 'default', undefined]]],
    [['pods,nodes'], [['pods', 'default', undefined], ['nodes', undefined, undefined]]],
    [['pod', 'a', 'b'], [['pods', 'default', 'a'], ['pods', 'default', 'b']]],
    [['pod/a', 'node/n'], [['pods', 'default', 'a'], ['nodes', undefined, 'n']]],
    [['pods,po'], [['pods', 'default', undefined]]],
  ])('reads %j', async (words, expected) => {
    expect(await targets(words)).toEqual(expected);
  });

  it.each([
    [['pod', 'node/n'], inDefault, /no need to specify a resource type as a separate argument/],
    [['pod/'], inDefault, /need both parts/],
    [['pod/a/b'], inDefault, /one slash/],
    [[','], inDefault, /names no resource type/],
    [['pod', 'a'], { namespace: 'default', selects: true }, /name cannot be provided when a selector is specified/],
    [['pod', 'a'], { namespace: undefined, selects: false }, /cannot be retrieved by name across all namespaces/],
  ])('refuses %j', async (words, options, message) => {
    await expect(targets(words, options)).rejects.toThrow(message);
  });
});
