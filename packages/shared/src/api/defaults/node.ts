import type { NodeSystemInfo } from '../node-status.ts';
import type { Node, NodeSpec } from '../node.ts';

/** What a node can hand out is all it has, until it says less. What it is and listens on is always told, if only as unknown. */
export function defaultNode(node: Node): Node {
  const { spec = {}, status = {} } = node;
  const { capacity, allocatable = capacity } = status;
  return {
    ...node,
    spec: defaultRange(spec),
    status: {
      ...status,
      ...(allocatable ? { allocatable: { ...allocatable } } : {}),
      daemonEndpoints: { ...status.daemonEndpoints, kubeletEndpoint: { Port: 0, ...status.daemonEndpoints?.kubeletEndpoint } },
      nodeInfo: { ...unknownSystem, ...status.nodeInfo },
    },
  };
}

const unknownSystem: NodeSystemInfo = {
  machineID: '', systemUUID: '', bootID: '', kernelVersion: '', osImage: '', containerRuntimeVersion: '', kubeletVersion: '', kubeProxyVersion: '',
  operatingSystem: '', architecture: '',
};

/** `podCIDR` is the first of `podCIDRs`; where they differ, the one that old clients know counts. */
function defaultRange(spec: NodeSpec): NodeSpec {
  const { podCIDR = '', podCIDRs = [] } = spec;
  const first = podCIDR || podCIDRs[0];
  if (!first) return spec;
  return { ...spec, podCIDR: first, podCIDRs: podCIDRs[0] === first ? podCIDRs : [first] };
}
