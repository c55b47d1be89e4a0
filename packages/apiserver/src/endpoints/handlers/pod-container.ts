import type { Pod } from '@podling/shared/api';
import { newBadRequest } from '@podling/shared/api';

/** The container that a subresource of a pod means. Throws 400, in Kubernetes' words, when that is not clear. */
export function containerOf({ metadata, spec }: Pod, wanted: string | null): string {
  const names = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])].map(({ name }) => name);
  if (wanted) {
    if (names.includes(wanted)) return wanted;
    throw newBadRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
  }
  const [only, ...more] = spec.containers;
  if (only !== undefined && more.length === 0) return only.name;
  throw newBadRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]`);
}
