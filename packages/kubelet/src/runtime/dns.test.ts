import type { PodSpec } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { podDns } from './dns.ts';
import { etcHosts, podHostname } from './etc-hosts.ts';

const context = { clusterDns: ['10.96.0.10'], clusterDomain: 'cluster.local', hostResolvConf: '# made by hand\nnameserver 1.1.1.1\nsearch corp.example\noptions edns0\n' };
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
});

describe('etcHosts', () => {
  it('has localhost, the pod by name and full name, then the aliases', () => {
    const pod = podOf([{ name: 'web' }], { hostname: 'h', subdomain: 's', hostAliases: [{ ip: '1.2.3.4', hostnames: ['x', 'y'] }] });
    const lines = etcHosts(pod, ['10.0.0.2'], 'cluster.local').split('\n');
    expect(lines).toContain('127.0.0.1\tlocalhost');
    expect(lines).toContain('10.0.0.2\th.s.default.svc.cluster.local\th');
    expect(lines).toContain('1.2.3.4\tx\ty');
  });

  it('cuts a long pod name to a valid host name', () => {
    const pod = podOf([{ name: 'web' }]);
    pod.metadata.name = `${'a'.repeat(62)}.${'b'.repeat(100)}`;
    expect(podHostname(pod)).toBe('a'.repeat(62));
  });
});
