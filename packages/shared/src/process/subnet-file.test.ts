import { describe, expect, it } from 'vitest';
import { parsePodCidr } from './subnet-file.ts';

describe('parsePodCidr', () => {
  it.each([
    ['FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.7.1/24\nFLANNEL_MTU=1450\n', '10.244.7.0/24'],
    ['FLANNEL_SUBNET=192.168.255.129/25\n', '192.168.255.128/25'],
    ['FLANNEL_SUBNET=10.1.2.3/12\n', '10.0.0.0/12'],
    ['FLANNEL_MTU=1450\n', undefined],
    ['', undefined],
  ])('reads %j as %s', (text, expected) => {
    expect(parsePodCidr(text)).toBe(expected);
  });
});
