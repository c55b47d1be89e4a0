import { describe, expect, it } from 'vitest';
import type { EndpointSlice } from '../endpoint-slice.ts';
import { decode, endpointSliceKind } from '../scheme.ts';
import { validateEndpointSlice, validateEndpointSliceUpdate, warnOfEndpointSlice, warnOfNewEndpointSlice } from './endpoint-slice.ts';

const slice = (parts: Partial<EndpointSlice> = {}): EndpointSlice => ({
  metadata: { name: 'web-1', namespace: 'default' }, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ name: 'http', protocol: 'TCP', port: 80 }], ...parts,
});
const problems = (parts: Partial<EndpointSlice>) => validateEndpointSlice(slice(parts)).map(({ field, message }) => `${field}: ${message}`);
const endpoint = (parts: object = {}) => [{ addresses: ['10.0.0.1'], ...parts }];
const times = <T>(count: number, item: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => item(index));

describe('EndpointSlice', () => {
  it('may name pods, nodes, zones, and ports by name and number', () => {
    const endpoints = endpoint({ hostname: 'web-0', nodeName: 'n', zone: 'z', hints: { forZones: [{ name: 'z' }], forNodes: [{ name: 'n' }] }, conditions: { ready: true } });
    expect(problems({ endpoints, ports: [{ name: '', protocol: 'UDP' }, { name: 'a', protocol: 'SCTP', appProtocol: 'example.com/x' }] })).toEqual([]);
    expect(problems({ addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] })).toEqual([]);
    expect(problems({ addressType: 'FQDN', endpoints: [{ addresses: ['a.example.', 'b.example'] }] })).toEqual([]);
  });

  it.each<[string, Partial<EndpointSlice>, string]>([
    ['no address type', { addressType: '' as 'IPv4' }, 'addressType: Required value'],
    ['an unknown address type', { addressType: 'IPX' as 'IPv4' }, 'addressType: Unsupported value: "IPX": supported values: "FQDN", "IPv4", "IPv6"'],
    ['no address', { endpoints: endpoint({ addresses: [] }) }, 'endpoints[0].addresses: Required value: must contain at least 1 address'],
    ['too many addresses', { endpoints: endpoint({ addresses: times(101, (index) => `10.0.0.${index + 1}`) }) }, 'endpoints[0].addresses: Too many: 101: must have at most 100 items'],
    ['too many endpoints', { endpoints: times(1001, () => ({ addresses: ['10.0.0.1'] })) }, 'endpoints: Too many: 1001: must have at most 1000 items'],
    ['an address of another family', { endpoints: endpoint({ addresses: ['fd00::1'] }) }, 'endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address'],
    ['a loopback address', { endpoints: endpoint({ addresses: ['127.0.0.1'] }) }, 'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    ['the address of nobody', { endpoints: endpoint({ addresses: ['0.0.0.0'] }) }, 'endpoints[0].addresses[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)'],
    ['a name of one segment', { addressType: 'FQDN', endpoints: endpoint({ addresses: ['a'] }) }, 'endpoints[0].addresses[0]: Invalid value: "a": should be a domain with at least two segments separated by dots'],
    ['a port name twice', { ports: [{ name: 'a', protocol: 'TCP' }, { name: 'a', protocol: 'UDP' }] }, 'ports[1].name: Duplicate value: "a"'],
    ['an unknown protocol', { ports: [{ name: 'a', protocol: 'X' as 'TCP' }] }, 'ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"'],
    ['a hint twice', { endpoints: endpoint({ hints: { forZones: [{ name: 'z' }, { name: 'z' }] } }) }, 'endpoints[0].hints.forZones[1].name: Duplicate value: "z"'],
    ['too many hints', { endpoints: endpoint({ hints: { forNodes: times(9, (index) => ({ name: `n${index}` })) } }) }, 'endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items'],
  ])('may not have %s', (_, parts, problem) => {
    expect(problems(parts)).toEqual([problem]);
  });

  it.each([{ hostname: 'a.b' }, { nodeName: 'A' }, { addresses: ['10.0.0'] }])('refuses %j', (parts) => {
    expect(problems({ endpoints: endpoint(parts) })).toHaveLength(1);
  });

  it('keeps its address type, and what was once valid in endpoints', () => {
    const old = slice({ endpoints: [{ addresses: ['127.0.0.1'] }] });
    expect(validateEndpointSliceUpdate({ ...old, ports: [] }, old)).toEqual([]);
    expect(validateEndpointSliceUpdate({ ...old, addressType: 'IPv6' }, old).map(({ field }) => field)).toEqual(['addressType']);
  });

  it('warns of names, and of addresses that are not written the usual way', () => {
    expect(warnOfNewEndpointSlice(slice({ addressType: 'FQDN', endpoints: [] }))).toEqual(['spec.addressType: FQDN endpoints are deprecated']);
    const odd = slice({ addressType: 'IPv6', endpoints: [{ addresses: ['FD00:0::1'] }] });
    expect(warnOfEndpointSlice(odd)).toHaveLength(1);
    const ours = { ...odd, metadata: { ...odd.metadata, labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' } } };
    expect(warnOfEndpointSlice(ours)).toEqual([]);
  });

  it('gets a name and a protocol for each port, and lists where none were sent', () => {
    const { object } = decode(endpointSliceKind.schema, { addressType: 'IPv4', metadata: { name: 'a' }, ports: [{ port: 80 }] });
    expect(endpointSliceKind.applyDefaults(object as EndpointSlice)).toMatchObject({ endpoints: [], ports: [{ name: '', port: 80, protocol: 'TCP' }] });
  });
});
