import { expect, it } from 'vitest';
import { isAtLeast } from './server-support.ts';

it.each([
  ['3.4.23', false],
  ['3.5.9', false],
  ['3.5.12', false],
  ['3.5.13', true],
  ['3.5.16', true],
  ['3.6.0-rc.1', true],
  ['4.0.0', true],
])('etcd %s is new enough for bookmarks: %s', (version, expected) => {
  expect(isAtLeast(version, [3, 5, 13])).toBe(expected);
});
