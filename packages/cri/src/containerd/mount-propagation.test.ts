import { parseMountInfo } from '@podling/shared/process';
import { describe, expect, it } from 'vitest';
import type { Mount } from '../cri.ts';
import { prepareMounts, rootfsPropagation } from './mount-propagation.ts';

const table = parseMountInfo([
  '22 1 8:1 / / rw,relatime - ext4 /dev/root rw',
  '23 22 0:5 / /dev rw,nosuid shared:2 - devtmpfs devtmpfs rw',
  '24 22 0:6 / /proc rw master:3 - proc proc rw',
].join('\n'));

const mount = (hostPath: string, propagation?: Mount['propagation']): Mount => ({ hostPath, containerPath: '/x', readonly: false, ...(propagation && { propagation }) });
const check = (...mounts: Mount[]) => () => prepareMounts(mounts, () => table);

describe('mount propagation', () => {
  it('from the container needs a shared mount of the node', () => {
    expect(check(mount('/dev', 'BIDIRECTIONAL'))).not.toThrow();
    expect(check(mount('/proc', 'BIDIRECTIONAL'))).toThrow('path "/proc" is mounted on "/proc" but it is not a shared mount');
    expect(check(mount('/', 'BIDIRECTIONAL'))).toThrow('path "/" is mounted on "/" but it is not a shared mount');
  });

  it('to the container needs a shared or a slave one', () => {
    expect(check(mount('/proc', 'HOST_TO_CONTAINER'), mount('/dev', 'HOST_TO_CONTAINER'))).not.toThrow();
    expect(check(mount('/', 'HOST_TO_CONTAINER'))).toThrow('path "/" is mounted on "/" but it is not a shared or slave mount');
  });

  it.each([
    [{ readonly: false }, 'recursive read-only mount at "/x" must be read-only'],
    [{ readonly: true, propagation: 'BIDIRECTIONAL' as const }, 'recursive read-only mount at "/x" cannot have propagation BIDIRECTIONAL'],
  ])('excludes recursive protection: %j', (parts, message) => {
    expect(check({ ...mount('/dev'), recursiveReadOnly: true, ...parts })).toThrow(message);
  });

  it('of the root follows the strongest', () => {
    expect(rootfsPropagation([mount('/'), mount('/', 'PRIVATE')])).toBeUndefined();
    expect(rootfsPropagation([mount('/', 'HOST_TO_CONTAINER')])).toBe('rslave');
    expect(rootfsPropagation([mount('/', 'HOST_TO_CONTAINER'), mount('/', 'BIDIRECTIONAL')])).toBe('rshared');
  });
});
