import { describe, expect, it } from 'vitest';
import { allocatable, allocatableAbsolute, overReserved, reservationsOf } from './node-allocatable.ts';

const capacity = { cpu: '4', memory: '8388608Ki', 'ephemeral-storage': '1000Ki', pods: '110', pid: '32768' };

describe('node allocatable', () => {
  const reserved = reservationsOf({ systemReserved: { cpu: '500m', memory: '1Gi', pid: '768' }, kubeReserved: { memory: '512Mi', 'ephemeral-storage': '100Ki' } }, { memory: '100Mi', 'ephemeral-storage': '102400' });

  it('is the capacity without what is reserved and what must be left', () => {
    expect(allocatable(capacity, reserved)).toEqual({ cpu: '3500m', memory: '6556Mi', 'ephemeral-storage': '800Ki', pods: '110', pid: '32k' });
  });

  it('is what pods may use: that some must be left is no limit', () => {
    expect(allocatableAbsolute(capacity, reserved)).toMatchObject({ memory: '6656Mi', 'ephemeral-storage': '900Ki' });
  });

  it('is never negative, and more than there is cannot be reserved', () => {
    const greedy = reservationsOf({ systemReserved: { cpu: '3' }, kubeReserved: { cpu: '1500m', memory: '9Gi' } }, {});
    expect(allocatable(capacity, greedy)).toMatchObject({ cpu: '0', memory: '0' });
    expect(overReserved(capacity, reserved)).toBeUndefined();
    expect(overReserved(capacity, greedy)).toBe(
      'invalid Node Allocatable configuration. Resource "cpu" has a reservation of 4500m but capacity of 4. Expected capacity >= reservation. '
      + 'Resource "memory" has a reservation of 9Gi but capacity of 8388608Ki. Expected capacity >= reservation.',
    );
  });

  it('counts CPUs that are reserved by number, and no others then', () => {
    expect(reservationsOf({ systemReserved: { cpu: '100m', memory: '1Gi' }, kubeReserved: { cpu: '2' }, reservedSystemCPUs: '0,2-3' }, {})).toEqual({
      system: { cpu: '3', memory: '1Gi' }, kube: {}, evictionHard: {},
    });
  });
});
