import type { PodSpec } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { dnsProblems, parseResolvConf, podDns } from './dns.ts';

const context = { clusterDns: ['10.96.0.10'], clusterDomain: 'cluster.local', hostResolvConf: () => '# made by hand\nnameserver 1.1.1.1\nsearch corp.example. .\noptions edns0\n' };
const dns = (spec: Partial<PodSpec>) => podDns(podOf([{ name: 'web' }], spec), context);
const host = { servers: ['1.1.1.1'], searches: ['corp.example'], options: ['edns0'] };
const cluster = {
  servers: ['10.96.0.10'],
  searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'corp.example'],
  options: ['ndots:5'],
};

describe('podDns', () => {
  it.each<[string, Partial<PodSpec>, object]>([
    ['ClusterFirst', { dnsPolicy: 'ClusterFirst' }, cluster],
    ['Default', { dnsPolicy: 'Default' }, host],
    ['ClusterFirst on the host network', { dnsPolicy: 'ClusterFirst', hostNetwork: true }, host],
    ['None', { dnsPolicy: 'None', dnsConfig: { nameservers: ['9.9.9.9'], searches: ['a'], options: [{ name: 'ndots', value: '1' }] } }, { servers: ['9.9.9.9'], searches: ['a'], options: ['ndots:1'] }],
  ])('follows %s', (_, spec, expected) => {
    expect(dns(spec)).toEqual(expected);
  });

  it('lays dnsConfig over the policy', () => {
    expect(dns({ dnsConfig: { nameservers: ['9.9.9.9'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] } })).toMatchObject({
      servers: ['10.96.0.10', '9.9.9.9'],
      options: ['ndots:2', 'edns0'],
    });
  });

  it("takes the node's own without a cluster DNS", () => {
    expect(podDns(podOf([{ name: 'web' }]), { ...context, clusterDns: [] })).toEqual(host);
  });

  it('looks nothing up where the node is told to use no resolver', () => {
    const none = { ...context, hostResolvConf: () => undefined };
    expect(podDns(podOf([{ name: 'web' }], { dnsPolicy: 'Default' }), none)).toEqual({ servers: ['127.0.0.1'], searches: ['.'], options: [] });
    expect(podDns(podOf([{ name: 'web' }]), none).searches).toEqual(cluster.searches.slice(0, 3));
  });

  it('gives what Kubernetes allows: 3 nameservers, 32 search paths of 2048 characters together', () => {
    const nameservers = ['9.9.9.1', '9.9.9.2', '9.9.9.3'];
    expect(dns({ dnsConfig: { nameservers } }).servers).toEqual(['10.96.0.10', '9.9.9.1', '9.9.9.2']);
    const many = Array.from({ length: 40 }, (_, index) => `s${index}`);
    expect(dns({ dnsConfig: { searches: many } }).searches).toEqual([...cluster.searches, ...many].slice(0, 32));
    const long = Array.from({ length: 12 }, (_, index) => `${index}`.padEnd(200, 'x'));
    expect(dns({ dnsConfig: { searches: [...long, 'y'.repeat(254)] } }).searches).toEqual([...cluster.searches, ...long.slice(0, 9)]);
  });
});

describe('dnsProblems', () => {
  const problems = (spec: Partial<PodSpec>, clusterDns = context.clusterDns) => dnsProblems(podOf([{ name: 'web' }], spec), { ...context, clusterDns });

  it('says nothing of what fits', () => {
    expect(problems({ dnsConfig: { nameservers: ['10.96.0.10', '9.9.9.9'], searches: ['a'] } })).toEqual([]);
  });

  it('names the lines that were applied in the place of those that do not fit', () => {
    const searches = Array.from({ length: 32 }, (_, index) => `s${index}`);
    const applied = [...cluster.searches, ...searches].slice(0, 32).join(' ');
    expect(problems({ dnsConfig: { nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3'], searches } })).toEqual([
      { reason: 'DNSConfigForming', message: 'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 1.1.1.1 2.2.2.2' },
      { reason: 'DNSConfigForming', message: `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${applied}` },
    ]);
  });

  it('says that there is no cluster DNS to those who want it', () => {
    expect(problems({}, [])).toMatchObject([{ reason: 'MissingClusterDNS', message: expect.stringContaining('Falling back to "Default" policy.') as string }]);
    expect(problems({ dnsPolicy: 'Default' }, [])).toEqual([]);
  });
});

describe('resolv.conf', () => {
  it('adds nameservers up, takes the last search line, and the last value of each option', () => {
    const text = 'nameserver 1.1.1.1\nnameserver\nsearch a\n  nameserver 2.2.2.2  \nsearch b c.\noptions ndots:1 edns0\n;x\noptions ndots:2';
    expect(parseResolvConf(text)).toEqual({ servers: ['1.1.1.1', '2.2.2.2'], searches: ['b', 'c'], options: ['ndots:2', 'edns0'] });
  });
});
