/** Labels in Kubernetes' own namespaces that a kubelet may set on its Node. */
const kubeletLabels = new Set([
  'kubernetes.io/hostname', 'kubernetes.io/os', 'kubernetes.io/arch', 'beta.kubernetes.io/os', 'beta.kubernetes.io/arch',
  'topology.kubernetes.io/zone', 'topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type', 'beta.kubernetes.io/instance-type',
]);
const kubeletNamespaces = ['kubelet.kubernetes.io', 'node.kubernetes.io'];
const kubernetesNamespaces = ['kubernetes.io', 'k8s.io'];
const restrictedNamespaces = ['node-restriction.kubernetes.io'];

const isIn = (namespace: string, roots: readonly string[]): boolean => roots.some((root) => namespace === root || namespace.endsWith(`.${root}`));

function isForbidden(label: string): boolean {
  const slash = label.indexOf('/');
  const namespace = slash < 0 ? '' : label.slice(0, slash);
  if (isIn(namespace, restrictedNamespaces)) return true;
  return isIn(namespace, kubernetesNamespaces) && !kubeletLabels.has(label) && !isIn(namespace, kubeletNamespaces);
}

type Labels = Readonly<Record<string, string>>;

/** Labels that differ and are not a node's to change, in order: with them it could draw pods to itself. */
export function forbiddenLabels(labels: Labels = {}, old: Labels = {}): string[] {
  const keys = new Set([...Object.keys(labels), ...Object.keys(old)]);
  return [...keys].filter((key) => labels[key] !== old[key] && isForbidden(key)).toSorted();
}
