import { describe, expect, it } from 'vitest';
import { processUser } from './image-user.ts';

const files = {
  passwd: 'root:x:0:0::/root:/bin/sh\nweb:x:33:34::/:/bin/false\nodd:x:many:1::/:\n',
  group: 'root:x:0:\nstaff:x:50:web,other\nweb:x:34:web\nlogs:x:60:root,web\n',
};

describe('process user', () => {
  it.each([
    ['', { uid: 0, gid: 0, additionalGids: [0, 60] }],
    ['0', { uid: 0, gid: 0, additionalGids: [0, 60] }],
    ['1000', { uid: 1000, gid: 0, additionalGids: [0] }],
    ['1000:1001', { uid: 1000, gid: 1001, additionalGids: [1001] }],
    ['web', { uid: 33, gid: 34, additionalGids: [34, 50, 60] }],
    ['33', { uid: 33, gid: 34, additionalGids: [34, 50, 60] }],
    ['web:staff', { uid: 33, gid: 50, additionalGids: [50, 60] }],
  ])('of an image with USER %j', (user, expected) => {
    expect(processUser(user, undefined, files)).toEqual(expected);
  });

  it('is the one the container asks for', () => {
    expect(processUser('web:staff', { runAsUser: 1234 }, files)).toEqual({ uid: 1234, gid: 0, additionalGids: [0] });
    expect(processUser('web', { runAsUser: 0, runAsGroup: 7 }, files)).toEqual({ uid: 0, gid: 7, additionalGids: [7, 60] });
    expect(processUser('web', { runAsGroup: 7, supplementalGroups: [8, 7, 50] }, files)).toEqual({ uid: 33, gid: 7, additionalGids: [7, 50, 60, 8] });
  });

  it('has only the groups asked for when the image\'s are not to be merged', () => {
    const context = { supplementalGroupsPolicy: 'Strict' as const, supplementalGroups: [9] };
    expect(processUser('web', context, files).additionalGids).toEqual([34, 9]);
  });

  it.each([
    ['nobody-here', 'no such user in the image: nobody-here'],
    ['web:nogroup', 'no such group in the image: nogroup'],
    ['odd', 'no such user in the image: many'],
    ['99999999999', 'user id 99999999999 is not between 0 and 2147483647'],
    ['2147483648', 'user id 2147483648 is not between 0 and 2147483647'],
    ['1:2147483648', 'group id 2147483648 is not between 0 and 2147483647'],
    ['x'.repeat(1_000_000), `no such user in the image: ${'x'.repeat(64)}`],
  ])('that cannot be is refused', (user, message) => {
    expect(() => processUser(user, undefined, files)).toThrow(message);
  });
});
