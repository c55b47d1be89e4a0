import type { NodePaths } from '../cluster-paths.ts';

/** The CNI network list "bridge" of one node: a bridge whose pods have addresses of `podCidr`; other nodes are reached by routes. */
export function bridgeConflist(paths: NodePaths, podCidr: string): string {
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isDefaultGateway: true,
    hairpinMode: true,
    ipam: { type: 'host-local', dataDir: paths.ipamData, ranges: [[{ subnet: podCidr }]] },
  };
  const portmap = { type: 'portmap', capabilities: { portMappings: true } };
  return `${JSON.stringify({ name: 'bridge', cniVersion: '0.3.1', plugins: [bridge, portmap] }, undefined, 2)}\n`;
}
