import { isNotFound } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';

/**
 * Says what handler of the runtime a pod's class stands for. While the apiserver cannot answer, a class that was read
 * before is as it was. Upstream twin: kubelet `runtimeclass.Manager`.
 */
export class RuntimeClasses {
  readonly #client: Pick<Client, 'runtimeClasses'>;
  readonly #handlers = new Map<string, string>();

  constructor(client: Pick<Client, 'runtimeClasses'>) {
    this.#client = client;
  }

  /** '' is the runtime's own choice. Fails with Kubernetes' words when there is no such class, or none can be asked for. */
  async handler(name: string | undefined): Promise<string> {
    if (name === undefined || name === '') return '';
    try {
      const { handler } = await this.#client.runtimeClasses().get(name);
      this.#handlers.set(name, handler);
      return handler;
    } catch (cause) {
      return this.#knownBefore(name, cause);
    }
  }

  #knownBefore(name: string, cause: unknown): string {
    if (isNotFound(cause)) {
      this.#handlers.delete(name);
      throw new Error(`runtimeclass.node.k8s.io "${name}" not found`, { cause });
    }
    const before = this.#handlers.get(name);
    if (before !== undefined) return before;
    throw new Error(`failed to lookup RuntimeClass ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
