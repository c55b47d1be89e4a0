import { describe, expect, it } from 'vitest';
import { isMountPoint, mountPointOf, mountPointsBelow, parseMountInfo } from './mount-table.ts';

const table = parseMountInfo([
  '22 1 8:1 / / rw,relatime - ext4 /dev/root rw',
  '23 22 0:5 / /dev rw,nosuid shared:2 - devtmpfs devtmpfs rw',
  '24 22 0:6 / /proc rw master:3 propagate_from:2 - proc proc rw',
  '30 22 0:30 / /run/one/rootfs rw shared:11 - overlay overlay rw',
  '31 30 0:31 / /run/one/rootfs/with\\040space\\134 rw - tmpfs tmpfs rw',
  '32 22 0:32 / /run/one2/rootfs rw - overlay over-lay rw',
  '33 30 0:33 / /run/one/rootfs rw - tmpfs tmpfs rw',
].join('\n') + '\n');

describe('mount table', () => {
  it('tells file systems, propagation and paths with blanks', () => {
    expect(table[1]).toEqual({ path: '/dev', fileSystem: 'devtmpfs', shared: true, slave: false });
    expect(table[2]).toEqual({ path: '/proc', fileSystem: 'proc', shared: false, slave: true });
    expect(table[4]).toEqual({ path: '/run/one/rootfs/with space\\', fileSystem: 'tmpfs', shared: false, slave: false });
  });

  it('lists what is at and below a folder, innermost first, and nothing of one whose name begins alike', () => {
    expect(mountPointsBelow('/run/one', table)).toEqual(['/run/one/rootfs', '/run/one/rootfs/with space\\', '/run/one/rootfs']);
    expect(mountPointsBelow('/dev', table)).toEqual(['/dev']);
    expect(isMountPoint('/run/one', table)).toBe(false);
  });

  it('finds the mount that a path lies on, the topmost of several', () => {
    expect(mountPointOf('/run/one/rootfs/x', table)).toMatchObject({ path: '/run/one/rootfs', fileSystem: 'tmpfs' });
    expect(mountPointOf('/run/one', table)?.path).toBe('/');
  });
});
