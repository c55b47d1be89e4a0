import { describe, expect, it } from 'vitest';
import { parseKubeletConfig } from './config.ts';

describe('parseKubeletConfig', () => {
  it('derives what is not given from the node and its root', () => {
    const config = parseKubeletConfig(['--hostname-override', 'n1', '--root-dir', '/r']);
    expect(config).toMatchObject({ nodeName: 'n1', podLogDir: '/r/logs', cgroupRoot: '/podling/n1', maxPods: 110, nodeLeaseRenewIntervalMs: 10_000, containerRuntime: 'native' });
  });

  it('reads durations', () => {
    expect(parseKubeletConfig(['--node-lease-renew-interval', '500ms']).nodeLeaseRenewIntervalMs).toBe(500);
  });

  it('reads lists and labels', () => {
    const config = parseKubeletConfig(['--cluster-dns', '1.1.1.1,2.2.2.2', '--node-labels', 'a=b,c=d=e']);
    expect(config).toMatchObject({ clusterDns: ['1.1.1.1', '2.2.2.2'], nodeLabels: { a: 'b', c: 'd=e' } });
  });

  it('takes an IP address alone for where pods reach the apiserver', () => {
    const parse = (url: string) => parseKubeletConfig(['--kubernetes-service-endpoint', url]).kubernetesServiceEndpoint;
    expect([parse('https://10.0.0.1:6443'), parse('https://[fd00::1]:6443')]).toEqual(['https://10.0.0.1:6443', 'https://[fd00::1]:6443']);
  });
});
