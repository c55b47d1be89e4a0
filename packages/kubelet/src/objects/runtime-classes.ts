import { isNotFound } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';

/** Says what handler of the runtime a pod's class stands for. Upstream twin: kubelet `runtimeclass.Manager`. */
export class RuntimeClasses {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** '' is the runtime's own choice. Fails with Kubernetes' words when there is no such class, or none can be asked for. */
  async handler(name: string | undefined): Promise<string> {
    if (name === undefined || name === '') return '';
    try {
      return (await this.#client.runtimeClasses().get(name)).handler;
    } catch (cause) {
      if (isNotFound(cause)) throw new Error(`runtimeclass.node.k8s.io "${name}" not found`, { cause });
      throw new Error(`failed to lookup RuntimeClass ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}
