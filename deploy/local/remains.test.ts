import { parseMountInfo } from '@podling/shared/process';
import { describe, expect, it } from 'vitest';
import { cgroupMounts } from './remains.ts';

const mountinfo = [
  '22 28 0:20 / /sys/fs/cgroup rw - tmpfs tmpfs rw',
  '23 22 0:21 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory',
  '24 22 0:22 / /sys/fs/cgroup/unified rw,relatime shared:10 - cgroup2 cgroup2 rw',
  '30 28 0:30 / /run/podling/demo/node-1/containerd/a/rootfs rw shared:11 - overlay overlay rw',
  '31 30 0:31 / /run/podling/demo/node-1/containerd/a/rootfs/with\\040space rw - tmpfs tmpfs rw',
  '32 28 0:32 / /run/podling/demo2/node-1/containerd/a/rootfs rw - overlay overlay rw',
].join('\n');

describe('cgroupMounts', () => {
  it('finds every hierarchy, of version 1 and 2', () => {
    expect(cgroupMounts(parseMountInfo(mountinfo))).toEqual(['/sys/fs/cgroup/memory', '/sys/fs/cgroup/unified']);
  });
});
