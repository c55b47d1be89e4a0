import { describe, expect, it } from 'vitest';
import { processUser } from './image-user.ts';

const files: Record<string, string> = {
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nweb:x:33:34::/:/bin/false\n',
  '/etc/group': 'root:x:0:\nstaff:x:50:\n',
};
const read = (path: string): string => files[path] ?? '';

describe('process user', () => {
  it.each([
    ['', { uid: 0, gid: 0 }],
    ['0', { uid: 0, gid: 0 }],
    ['1000', { uid: 1000, gid: 0 }],
    ['1000:1001', { uid: 1000, gid: 1001 }],
    ['web', { uid: 33, gid: 34 }],
    ['33', { uid: 33, gid: 34 }],
    ['web:staff', { uid: 33, gid: 50 }],
  ])('of an image with USER %j', (user, expected) => {
    expect(processUser(user, undefined, read)).toEqual(expected);
  });

  it('is the one the container asks for', () => {
    expect(processUser('web:staff', { runAsUser: 1234 }, read)).toEqual({ uid: 1234, gid: 0 });
    expect(processUser('web', { runAsUser: 0, runAsGroup: 7 }, read)).toEqual({ uid: 0, gid: 7 });
    expect(processUser('web', { supplementalGroups: [8, 9] }, read)).toEqual({ uid: 33, gid: 34, additionalGids: [8, 9] });
  });

  it('that the image does not know is refused', () => {
    expect(() => processUser('nobody-here', undefined, read)).toThrow(/no such user/);
  });
});
