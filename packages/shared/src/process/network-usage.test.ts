import { describe, expect, it } from 'vitest';
import { parseNetworkUsage, readNetworkUsage } from './network-usage.ts';

const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    1234       5    0    0    0     0          0         0     1234       5    0    0    0     0       0          0
  net1:       1       2    3    4    0     0          0         0        5       6    7    8    0     0       0          0
  eth0:4897791553  175673    9    8    0     0          0         0 20609600  140613    7    6    0     0       0          0
`;

describe('readNetworkUsage', () => {
  it('has every interface but loopback, the default one first', () => {
    expect(parseNetworkUsage(text)).toEqual([
      { name: 'eth0', rxBytes: 4_897_791_553, rxPackets: 175_673, rxErrors: 9, rxDropped: 8, txBytes: 20_609_600, txPackets: 140_613, txErrors: 7, txDropped: 6 },
      { name: 'net1', rxBytes: 1, rxPackets: 2, rxErrors: 3, rxDropped: 4, txBytes: 5, txPackets: 6, txErrors: 7, txDropped: 8 },
    ]);
  });

  it('knows nothing of a process that is gone', () => {
    expect(readNetworkUsage(2 ** 30)).toBeUndefined();
  });
});
