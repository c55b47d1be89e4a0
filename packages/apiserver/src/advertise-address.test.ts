import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { advertiseAddressOf } from './advertise-address.ts';
import type { Networks } from './advertise-address.ts';

const info = (address: string, family: 'IPv4' | 'IPv6', internal = false): NetworkInterfaceInfo =>
  ({ address, family, internal, netmask: '', mac: '', cidr: null, ...(family === 'IPv6' ? { scopeid: address.startsWith('fe80') ? 2 : 0 } : {}) }) as NetworkInterfaceInfo;
const head = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n';
const networks: Networks = {
  interfaces: { lo: [info('127.0.0.1', 'IPv4', true)], bridge: [info('172.30.0.1', 'IPv4')], eth0: [info('fe80::1', 'IPv6'), info('192.0.2.7', 'IPv4')] },
  routes: `${head}bridge\t00001EAC\t00000000\t0001\t0\t0\t0\t00FFFFFF\neth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\n`,
};
const serving = (...bindAddresses: string[]) => ({ serving: { bindAddresses, port: 6443, tlsCertFile: '', tlsPrivateKeyFile: '', clientCaFile: '' } });

describe('the advertise address', () => {
  it.each<[string, Parameters<typeof advertiseAddressOf>[0], string | undefined]>([
    ['is the one told', { ...serving('10.0.0.1'), advertiseAddress: '203.0.113.1' }, '203.0.113.1'],
    ['is the first that it is bound to', serving('10.0.0.1', '127.0.0.1'), '10.0.0.1'],
    ['of one bound to all is that of the default route', serving('0.0.0.0'), '192.0.2.7'],
    ['of one bound to loopback as well', serving('127.0.0.1'), '192.0.2.7'],
    ['is none without a secure port', {}, undefined],
  ])('%s', (_what, config, expected) => {
    expect(advertiseAddressOf(config, () => networks)).toBe(expected);
  });

  it('is any of the machine where there is no default route, and none where it has none', () => {
    expect(advertiseAddressOf(serving('0.0.0.0'), () => ({ ...networks, routes: '' }))).toBe('172.30.0.1');
    expect(advertiseAddressOf(serving('::'), () => ({ interfaces: { eth0: [info('fe80::1', 'IPv6'), info('2001:db8::1', 'IPv6')] }, routes: '' }))).toBe('2001:db8::1');
    expect(advertiseAddressOf(serving('0.0.0.0'), () => ({ interfaces: {}, routes: '' }))).toBeUndefined();
  });
});
