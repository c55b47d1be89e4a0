import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { cgroupPath, podCgroupName, podUidOf } from './cgroup-name.ts';
import { kubepodsOf, podCgroupPath } from './pod-cgroups.ts';

const uid = '5b1c-44-a';

describe('the name of a cgroup', () => {
  it.each([
    ['cgroupfs', 'Guaranteed', `/podling/n-1/kubepods/pod${uid}`],
    ['cgroupfs', 'Burstable', `/podling/n-1/kubepods/burstable/pod${uid}`],
    ['cgroupfs', 'BestEffort', `/podling/n-1/kubepods/besteffort/pod${uid}`],
  ] as const)('is a path with %s: %s', (driver, qosClass, path) => {
    expect(cgroupPath(podCgroupName(kubepodsOf('/podling/n-1/'), qosClass, uid), driver)).toBe(path);
  });

  it.each([
    ['/', 'Guaranteed', '/kubepods.slice/kubepods-pod5b1c_44_a.slice'],
    ['/', 'Burstable', '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod5b1c_44_a.slice'],
    ['/x-y', 'BestEffort', '/x_y.slice/x_y-kubepods.slice/x_y-kubepods-besteffort.slice/x_y-kubepods-besteffort-pod5b1c_44_a.slice'],
  ] as const)('is slices with systemd: below %s, %s', (root, qosClass, path) => {
    expect(cgroupPath(podCgroupName(kubepodsOf(root), qosClass, uid), 'systemd')).toBe(path);
  });

  it('tells whose it is', () => {
    expect(podUidOf(`pod${uid}`, 'cgroupfs')).toBe(uid);
    expect(podUidOf('kubepods-burstable-pod5b1c_44_a.slice', 'systemd')).toBe(uid);
    expect(['burstable', 'pod', 'besteffort'].map((name) => podUidOf(name, 'cgroupfs'))).toEqual([undefined, undefined, undefined]);
    expect(podUidOf('kubepods-burstable.slice', 'systemd')).toBeUndefined();
  });

  it('follows the class of the pod', () => {
    expect(podCgroupPath(kubepodsOf('/'), 'cgroupfs', podOf([{ name: 'web', resources: { requests: { cpu: '1' } } }]))).toBe('/kubepods/burstable/podpod-uid');
  });
});
