import { describe, expect, it } from 'vitest';
import { clusterPaths } from '../cluster-paths.ts';
import { clusterNameservers } from '../cluster-dns.ts';
import type { ClusterRecord } from '../cluster-record.ts';
import { bridgeConflist } from './bridge-conflist.ts';
import { nodeContainerdConfig } from './containerd-config.ts';
import { corefile } from './corefile.ts';
import { flannelConflist, flannelNetwork } from './flannel-conflist.ts';

const one = clusterPaths('demo').node('node-1');
const two = clusterPaths('demo').node('node-2');

describe('containerd configuration', () => {
  it("keeps a node's root, state and socket to itself and CRI off", () => {
    const text = nodeContainerdConfig(one, 'native');
    for (const path of [one.containerdRoot, one.containerdState, one.containerdSocket]) {
      expect(text).toContain(JSON.stringify(path));
      expect(nodeContainerdConfig(two, 'native')).not.toContain(JSON.stringify(path));
    }
    expect(text).toMatch(/disabled_plugins = \[.*"io\.containerd\.grpc\.v1\.cri"/);
  });

  it("[B1] has CRI on for a CRI node, with the node's networks, registries and network namespaces", () => {
    const text = nodeContainerdConfig(one, 'cri');
    expect(text).not.toMatch(/disabled_plugins = \[.*"io\.containerd\.grpc\.v1\.cri"/);
    for (const path of [one.containerdSocket, one.cniConf, one.registryHosts, 'podling.local/pause:1']) expect(text).toContain(JSON.stringify(path));
    expect(text).toContain('netns_mounts_under_state_dir = true');
  });
});

describe('bridge conflist', () => {
  it('has bridge and portmap, with addresses of the node alone', () => {
    const conf = JSON.parse(bridgeConflist(one, '10.9.1.0/24')) as { name: string; plugins: Record<string, any>[] };
    expect(conf.name).toBe('bridge');
    expect(conf.plugins.map((plugin) => plugin['type'])).toEqual(['bridge', 'portmap']);
    expect(conf.plugins[0]?.['ipam']).toEqual({ type: 'host-local', dataDir: one.ipamData, ranges: [[{ subnet: '10.9.1.0/24' }]] });
  });
});

describe('flannel conflist', () => {
  it('[A6] has flannel and portmap, on folders of the node alone', () => {
    const conf = JSON.parse(flannelConflist(one)) as { name: string; plugins: Record<string, any>[] };
    expect(conf.name).toBe('flannel');
    expect(conf.plugins.map((plugin) => plugin['type'])).toEqual(['flannel', 'portmap']);
    expect(conf.plugins[0]).toMatchObject({ subnetFile: one.subnetFile, dataDir: one.cniData, ipam: { dataDir: one.ipamData } });
    expect(flannelConflist(two)).not.toContain(one.ipamData);
  });
});

describe('flannel network', () => {
  it('asks for a /24 of the pod network per node, over vxlan', () => {
    expect(JSON.parse(flannelNetwork('10.9.0.0/16'))).toEqual({ Network: '10.9.0.0/16', SubnetLen: 24, Backend: { Type: 'vxlan' } });
  });
});

describe('Corefile', () => {
  const parts = { address: '172.30.0.1', clusterDomain: 'cluster.local', apiserver: 'https://172.30.0.1:6443', ca: '/ca', client: { cert: '/cert', key: '/key' } };

  it('answers the zone from the apiserver, and asks the upstreams for the rest, in their order', () => {
    const text = corefile({ ...parts, upstreams: ['10.0.0.1', 'fd00::1'] });
    expect(text).toContain('bind 172.30.0.1\n');
    expect(text).toMatch(/kubernetes cluster\.local .*\{\s+endpoint https:\/\/172\.30\.0\.1:6443\s+tls \/cert \/key \/ca\s/);
    expect(text).toMatch(/loop\s+forward \. 10\.0\.0\.1 \[fd00::1\] \{\s+policy sequential/);
  });

  it('forwards nothing where there is nobody to ask', () => {
    expect(corefile({ ...parts, upstreams: [] })).not.toMatch(/forward|loop/);
  });
});

describe('nameservers of pods', () => {
  const record = (nameservers: string[]) => ({ networks: { node: '172.30.0.0/24' }, resolvers: { resolvConf: '', nameservers } }) as unknown as ClusterRecord;

  it("are CoreDNS, then the nodes' own that pods reach, three at most", () => {
    expect(clusterNameservers(record(['127.0.0.53', '172.30.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.3']))).toEqual(['172.30.0.1', '10.0.0.1', '10.0.0.2']);
    expect(clusterNameservers(record([]))).toEqual(['172.30.0.1']);
  });
});
