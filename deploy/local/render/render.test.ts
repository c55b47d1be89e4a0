import { describe, expect, it } from 'vitest';
import { clusterPaths } from '../cluster-paths.ts';
import { containerdConfig } from './containerd-config.ts';
import { flannelConflist, flannelNetwork } from './flannel-conflist.ts';

const one = clusterPaths('demo').node('node-1');
const two = clusterPaths('demo').node('node-2');

describe('containerd configuration', () => {
  it("keeps a node's root, state and socket to itself and CRI off", () => {
    const text = containerdConfig(one);
    for (const path of [one.containerdRoot, one.containerdState, one.containerdSocket]) {
      expect(text).toContain(JSON.stringify(path));
      expect(containerdConfig(two)).not.toContain(JSON.stringify(path));
    }
    expect(text).toMatch(/disabled_plugins = \[.*"io\.containerd\.grpc\.v1\.cri"/);
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
