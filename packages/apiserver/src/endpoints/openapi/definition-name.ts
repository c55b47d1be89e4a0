const machinery = 'io.k8s.apimachinery.pkg';

/** Names of what the schemas have keywords for instead of models. */
export const scalarNames = {
  time: `${machinery}.apis.meta.v1.Time`,
  microTime: `${machinery}.apis.meta.v1.MicroTime`,
  quantity: `${machinery}.api.resource.Quantity`,
  intOrString: `${machinery}.util.intstr.IntOrString`,
} as const;

/** `core.v1.PodSpec` as Kubernetes' OpenAPI names it: `io.k8s.api.core.v1.PodSpec`. */
export function definitionName(model: string): string {
  const [group = ''] = model.split('.', 1);
  if (group === 'metrics') return `io.k8s.metrics.pkg.apis.${model}`;
  if (group === 'meta') return `${machinery}.apis.${model}`;
  return group === 'runtime' || group === 'version' ? `${machinery}.${model}` : `io.k8s.api.${model}`;
}
