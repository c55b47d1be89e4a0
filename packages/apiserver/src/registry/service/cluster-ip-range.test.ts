import { describe, expect, it } from 'vitest';
import { ClusterIPRange } from './cluster-ip-range.ts';

describe('a range of cluster IPs', () => {
  it.each([
    ['10.96.0.0/16', 65_534, '10.96.0.1', '10.96.255.254', ['10.96.0.0', '10.96.255.255', '10.97.0.1', 'fd00::1']],
    ['10.96.0.5/29', 6, '10.96.0.1', '10.96.0.6', ['10.96.0.0', '10.96.0.7']],
    ['fd00:1::/112', 65_535, 'fd00:1::1', 'fd00:1::ffff', ['fd00:1::', 'fd00:1::1:0', '10.96.0.1']],
    ['fd00::/64', 65_536, 'fd00::1', 'fd00::1:0', ['fd00::2:0']],
  ])('%s gives %i from %s to %s', (cidr, size, first, last, outside) => {
    const range = new ClusterIPRange(cidr);
    expect([range.size, range.first, range.at(size - 1)]).toEqual([size, first, last]);
    expect([first, last].every((ip) => range.contains(ip))).toBe(true);
    expect(outside.filter((ip) => range.contains(ip))).toEqual([]);
  });

  it('offers every address once, the first ones last', () => {
    const range = new ClusterIPRange('10.0.0.0/24');
    const offered = [...range.candidates()];
    expect(new Set(offered).size).toBe(254);
    expect(offered.slice(-15)).toContain('10.0.0.1');
  });

  it('knows all spellings of an address', () => {
    const range = new ClusterIPRange('fd00:1::/112');
    expect(new Set(['FD00:1::A', 'fd00:0001:0:0::000a', 'fd00:1::0.0.0.10'].map((ip) => range.canonical(ip)))).toEqual(new Set(['fd00:1::a']));
  });

  it.each(['', '10.96.0.0', '10.96.0.0/30', '10.96.0.0/x', '300.0.0.0/8', '10.96.0.0/16/3'])('refuses %j', (cidr) => {
    expect(() => new ClusterIPRange(cidr)).toThrow('--service-cluster-ip-range');
  });
});
