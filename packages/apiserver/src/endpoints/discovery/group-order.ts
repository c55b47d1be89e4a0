/** The groups that Kubernetes names first, in its order; others follow by name. */
const order = [
  'apps', 'events.k8s.io', 'authentication.k8s.io', 'authorization.k8s.io', 'autoscaling', 'batch', 'certificates.k8s.io', 'networking.k8s.io',
  'policy', 'rbac.authorization.k8s.io', 'storage.k8s.io', 'scheduling.k8s.io', 'coordination.k8s.io', 'node.k8s.io', 'discovery.k8s.io',
];

/** Sorts names of groups as discovery has them; kubectl resolves an ambiguous resource to the first group that has it. */
export function compareGroups(a: string, b: string): number {
  const [placeA, placeB] = [a, b].map((group) => (order.includes(group) ? order.indexOf(group) : order.length));
  return (placeA ?? 0) - (placeB ?? 0) || (a < b ? -1 : 1);
}
