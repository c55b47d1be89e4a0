import type { Node } from '../node.ts';

/** What a node can hand out is all it has, until it says less. */
export function defaultNode(node: Node): Node {
  const { status } = node;
  if (!status?.capacity || status.allocatable) return node;
  return { ...node, status: { ...status, allocatable: { ...status.capacity } } };
}
