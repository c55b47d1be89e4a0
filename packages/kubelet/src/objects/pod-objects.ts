import { ApiStatusError, isNotFound, namespaceOf, uidOf, type ConfigMap, type Pod, type Secret } from '@podling/shared/api';
import { ConnectionError, type Client, type ResourceClient } from '@podling/shared/client';

/** An object that a pod refers to is not there. */
export class MissingObjectError extends Error {
  override readonly name = 'MissingObjectError';
}

type Referred = ConfigMap | Secret;

/**
 * The ConfigMaps and Secrets that pods refer to, read anew each time. While the apiserver cannot be reached, or cannot
 * answer, a pod gets what it got before, so that its containers restart; nothing is kept beyond the pod. Fails with `MissingObjectError`.
 * Upstream twins: kubelet `configmap.Manager`, `secret.Manager`.
 */
export class PodObjects {
  readonly #client: Client;
  readonly #seen = new Map<string, Map<string, Referred>>();

  constructor(client: Client) {
    this.#client = client;
  }

  configMap(pod: Pod, name: string): Promise<ConfigMap> {
    return this.#read(pod, 'configmap', name, this.#client.configMaps(namespaceOf(pod)));
  }

  secret(pod: Pod, name: string): Promise<Secret> {
    return this.#read(pod, 'secret', name, this.#client.secrets(namespaceOf(pod)));
  }

  forgetPod(uid: string): void {
    this.#seen.delete(uid);
  }

  async #read<T extends Referred>(pod: Pod, kind: string, name: string, client: ResourceClient<T>): Promise<T> {
    const key = `${kind}/${name}`;
    const seen = this.#seenBy(uidOf(pod));
    try {
      const object = await client.get(name);
      seen.set(key, object);
      return object;
    } catch (error) {
      const before = seen.get(key);
      if (before !== undefined && isOutage(error)) return before as T;
      seen.delete(key);
      throw isNotFound(error) ? new MissingObjectError(`${kind} "${name}" not found`, { cause: error }) : error;
    }
  }

  #seenBy(uid: string): Map<string, Referred> {
    const seen = this.#seen.get(uid) ?? new Map<string, Referred>();
    this.#seen.set(uid, seen);
    return seen;
  }
}

/** Says nothing about the object: nobody answered, or somebody who cannot at the moment. */
function isOutage(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ApiStatusError && (error.code === 429 || error.code >= 500));
}
