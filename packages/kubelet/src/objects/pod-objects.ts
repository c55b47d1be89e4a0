import { ApiStatusError, isNotFound, namespaceOf, uidOf, type ConfigMap, type Pod, type Secret } from '@podling/shared/api';
import { ConnectionError, type Client, type ResourceClient } from '@podling/shared/client';

/** An object that a pod refers to is not there. */
export class MissingObjectError extends Error {
  override readonly name = 'MissingObjectError';
}

/** As the kubelet says it. */
export function missingObject(kind: 'configmap' | 'secret', name: string, options?: ErrorOptions): MissingObjectError {
  return new MissingObjectError(`${kind} "${name}" not found`, options);
}

/** As it was last read, and who has read it. */
interface Seen {
  object: ConfigMap | Secret;
  pods: Set<string>;
}

/**
 * The ConfigMaps and Secrets that pods refer to, read anew each time. While the apiserver cannot be reached, or cannot
 * answer, a pod gets what was read last if it has read it before, so that its containers restart; an object is kept
 * once, and not beyond its last pod. Fails with `MissingObjectError`.
 * Upstream twins: kubelet `configmap.Manager`, `secret.Manager`.
 */
export class PodObjects {
  readonly #client: Client;
  readonly #seen = new Map<string, Seen>();

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
    for (const key of this.#seen.keys()) this.#forget(key, uid);
  }

  async #read<T extends ConfigMap | Secret>(pod: Pod, kind: 'configmap' | 'secret', name: string, client: ResourceClient<T>): Promise<T> {
    const [key, uid] = [`${kind}/${namespaceOf(pod)}/${name}`, uidOf(pod)];
    try {
      const object = await client.get(name);
      this.#seen.set(key, { object, pods: (this.#seen.get(key)?.pods ?? new Set()).add(uid) });
      return object;
    } catch (error) {
      const before = this.#seen.get(key);
      if (before?.pods.has(uid) && isOutage(error)) return before.object as T;
      this.#forget(key, uid);
      throw isNotFound(error) ? missingObject(kind, name, { cause: error }) : error;
    }
  }

  #forget(key: string, uid: string): void {
    const seen = this.#seen.get(key);
    if (seen?.pods.delete(uid) && seen.pods.size === 0) this.#seen.delete(key);
  }
}

/** Says nothing about the object: nobody answered, or somebody who cannot at the moment. */
function isOutage(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ApiStatusError && (error.code === 429 || error.code >= 500));
}
