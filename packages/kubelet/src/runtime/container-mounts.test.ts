import { supportsRecursiveReadOnly } from '@podling/cri';
import type { VolumeMount } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { containerMounts, type PlannedMount } from './container-mounts.ts';

const volumes = new Map([['v', { hostPath: '/node/v', readOnly: false }], ['config', { hostPath: '/node/config', readOnly: true }]]);
const environment = new Map([['POD', 'web-1'], ['EMPTY', ''], ['UP', '../x']]);
const plan = (...volumeMounts: VolumeMount[]): PlannedMount[] => containerMounts({ name: 'web', volumeMounts }, volumes, '/node/hosts', environment);
const mount = { name: 'v', mountPath: '/data' };

describe('containerMounts', () => {
  it('adds the hosts file, unless a mount of the container is there', () => {
    expect(plan()).toEqual([{ hostPath: '/node/hosts', containerPath: '/etc/hosts', readonly: false }]);
    expect(plan({ name: 'v', mountPath: '/etc/hosts' }).map(({ hostPath }) => hostPath)).toEqual(['/node/v']);
  });

  it('takes a relative path from the root of the container', () => {
    expect(plan({ ...mount, mountPath: 'data/../in' }).map(({ containerPath }) => containerPath)).toEqual(['/in', '/etc/hosts']);
    expect(plan({ ...mount, mountPath: 'etc/hosts' }).map(({ containerPath }) => containerPath)).toEqual(['/etc/hosts']);
  });

  it('mounts read-only what a volume or a mount says so', () => {
    const all = plan(mount, { ...mount, readOnly: true }, { name: 'config', mountPath: '/config', readOnly: false });
    expect(all.slice(0, 3).map(({ readonly }) => readonly)).toEqual([false, true, true]);
  });

  it('makes what is mounted below read-only too, where a mount wants a recursive one', () => {
    const all = plan({ ...mount, readOnly: true }, { ...mount, readOnly: true, recursiveReadOnly: 'IfPossible' });
    expect(all.slice(0, 2).map(({ recursiveReadOnly }) => recursiveReadOnly)).toEqual([undefined, supportsRecursiveReadOnly() || undefined]);
  });

  it('has no block volumes: volumeDevices are refused', () => {
    const container = { name: 'web', volumeDevices: [{ name: 'data', devicePath: '/dev/x' }] };
    expect(() => containerMounts(container, volumes, '/node/hosts', environment)).toThrow('cannot find volume "data" to pass into container "web"');
  });

  it('hands propagation on', () => {
    const all = plan(mount, { ...mount, mountPropagation: 'HostToContainer' }, { ...mount, mountPropagation: 'Bidirectional' });
    expect(all.slice(0, 3).map(({ propagation }) => propagation)).toEqual(['PRIVATE', 'HOST_TO_CONTAINER', 'BIDIRECTIONAL']);
  });

  it('names the part of a volume, by its path or by what the environment makes of it', () => {
    const [whole, part, expanded, escaped] = plan(mount, { ...mount, subPath: 'a/b' }, { ...mount, subPathExpr: 'logs/$(POD)' }, { ...mount, subPathExpr: '$$(POD)' });
    expect([whole?.subPath, part?.subPath]).toEqual([undefined, { volume: 'v', index: 1, path: 'a/b' }]);
    expect([expanded?.subPath?.path, escaped?.subPath?.path]).toEqual(['logs/web-1', '$(POD)']);
    expect(part?.hostPath).toBe('/node/v');
  });

  it.each<[Partial<VolumeMount>, string]>([
    [{ name: 'w' }, 'cannot find volume "w" to mount into container'],
    [{ subPath: '/etc' }, 'error SubPath `/etc` must not be an absolute path'],
    [{ subPath: 'a/../..' }, "unable to provision SubPath `a/../..`: must not contain '..'"],
    [{ subPathExpr: 'a/$(UP)' }, "unable to provision SubPath `a/../x`: must not contain '..'"],
    [{ subPathExpr: '$(NOPE)/$(EMPTY)/$(POD)' }, 'missing value for EMPTY, NOPE'],
  ])('refuses %j', (wish, message) => {
    expect(() => plan({ ...mount, ...wish })).toThrow(message);
  });
});
