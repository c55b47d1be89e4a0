import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseNetworks, NoFreeNetworkError, nthAddress, overlap } from './choose-networks.ts';

describe('chooseNetworks', () => {
  it('gives the same cluster the same networks', () => {
    expect(chooseNetworks('demo', [])).toEqual(chooseNetworks('demo', []));
    expect(chooseNetworks('demo', []).node).toMatch(/^172\.30\.\d+\.0\/24$/);
    expect(chooseNetworks('demo', []).pod).toMatch(/^10\.\d+\.0\.0\/16$/);
  });

  it('never chooses a network that overlaps with one in use', () => {
    const third = fc.integer({ min: 0, max: 255 });
    const inUse = fc.array(fc.oneof(third.map((n) => `172.30.${n}.0/24`), third.map((n) => `10.${n}.0.0/16`), third.map((n) => `10.${n}.7.7`)), { maxLength: 60 });
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,8}$/), inUse, (name, used) => {
        const chosen = chooseNetworks(name, used);
        for (const network of [chosen.node, chosen.pod]) expect(used.some((other) => overlap(network, other))).toBe(false);
      }),
    );
  });

  it('gives services a range of their own, which clusters share', () => {
    expect(new Set(['one', 'two', 'three'].map((name) => chooseNetworks(name, []).service))).toEqual(new Set(['10.96.0.0/16']));
    for (const name of Array.from({ length: 300 }, (_, n) => `c${n}`)) expect(chooseNetworks(name, []).pod).not.toBe('10.96.0.0/16');
    expect(chooseNetworks('late', ['10.96.0.0/16', '10.97.1.0/24']).service).toBe('10.98.0.0/16');
  });

  it('steps over the networks of a cluster that is there already', () => {
    const first = chooseNetworks('one', []);
    const second = chooseNetworks('one', [first.node, first.pod]);
    expect(overlap(first.node, second.node) || overlap(first.pod, second.pod)).toBe(false);
  });

  it('leaves the private ranges that a route covers as a whole', () => {
    const chosen = chooseNetworks('demo', ['10.0.0.0/8', '172.16.0.0/12', 'default', 'fe80::/64']);
    expect(chosen.node).toMatch(/^192\.168\./);
    expect(chosen.pod).toMatch(/^100\./);
    expect(chosen.service).toBe('100.112.0.0/16');
  });

  it('says so when nothing is free', () => {
    expect(() => chooseNetworks('demo', ['10.0.0.0/8', '100.64.0.0/10'])).toThrow(NoFreeNetworkError);
  });
});

describe('nthAddress', () => {
  it.each([
    ['172.30.7.0/24', 1, '172.30.7.1'],
    ['172.30.7.0/24', 11, '172.30.7.11'],
    ['10.1.0.0/16', 257, '10.1.1.1'],
  ])('of %s, number %i, is %s', (network, n, address) => {
    expect(nthAddress(network, n)).toBe(address);
  });
});
