import type { NodePaths } from '../cluster-paths.ts';

/** The CNI network list "flannel" of one node. Own data folders keep its IP records apart from those of every other node on the machine. */
export function flannelConflist(paths: NodePaths): string {
  const flannel = {
    type: 'flannel',
    subnetFile: paths.subnetFile,
    dataDir: paths.cniData,
    ipam: { type: 'host-local', dataDir: paths.ipamData },
    delegate: { hairpinMode: true, isDefaultGateway: true },
  };
  const portmap = { type: 'portmap', capabilities: { portMappings: true } };
  return `${JSON.stringify({ name: 'flannel', cniVersion: '0.3.1', plugins: [flannel, portmap] }, undefined, 2)}\n`;
}

/** The network configuration that flanneld reads from etcd: a /24 of the pod network for each node, over vxlan. */
export function flannelNetwork(podNetwork: string): string {
  return JSON.stringify({ Network: podNetwork, SubnetLen: 24, Backend: { Type: 'vxlan' } });
}
