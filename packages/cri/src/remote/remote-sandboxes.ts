import type { Logger } from '@podling/shared/util';
import type { PodSandbox, PodSandboxConfig, PodSandboxFilter, PodSandboxStats, PodSandboxStatus } from '../cri.ts';
import { ignoreNotFound } from '../not-found.ts';
import { nonsense } from './call-errors.ts';
import { cgroupParentFor } from './cgroup-parent.ts';
import type { CriClient } from './cri-client.ts';
import type { RemoteStatus } from './remote-status.ts';
import { podSandbox, podSandboxStatus, sandboxConfigMessage, sandboxFilterMessage } from './sandbox-messages.ts';
import { podSandboxStats } from './stats-messages.ts';

/** A sandbox waits for its network; Kubernetes gives it twice as long as any other call. */
const RUN_DEADLINE_FACTOR = 2;

export class RemoteSandboxes {
  readonly #client: CriClient;
  readonly #status: RemoteStatus;
  readonly #logger: Logger;

  constructor(client: CriClient, status: RemoteStatus, logger: Logger) {
    this.#client = client;
    this.#status = status;
    this.#logger = logger;
  }

  async configMessage(config: PodSandboxConfig): Promise<ReturnType<typeof sandboxConfigMessage>> {
    return sandboxConfigMessage(config, cgroupParentFor(await this.#status.cgroupDriver(), config.cgroupParent));
  }

  async run(config: PodSandboxConfig, runtimeHandler: string): Promise<string> {
    const request = { config: await this.configMessage(config), runtimeHandler };
    try {
      const { podSandboxId } = await this.#client.runtime('RunPodSandbox', request, { deadlineMs: this.#client.deadlineMs * RUN_DEADLINE_FACTOR });
      if (podSandboxId === '') throw nonsense('RunPodSandbox', 'it has no sandbox id');
      return podSandboxId;
    } catch (error) {
      await this.#removeRemains(config).catch((failure: unknown) => this.#logger.warn({ err: failure, pod: config.metadata.uid }, 'remains of a failed sandbox could not be removed'));
      throw error;
    }
  }

  async stop(podSandboxId: string): Promise<void> {
    await ignoreNotFound(this.#client.runtime('StopPodSandbox', { podSandboxId }));
  }

  async remove(podSandboxId: string): Promise<void> {
    await this.stop(podSandboxId);
    await ignoreNotFound(this.#client.runtime('RemovePodSandbox', { podSandboxId }));
  }

  async status(podSandboxId: string): Promise<PodSandboxStatus> {
    const { status, info } = await this.#client.runtime('PodSandboxStatus', { podSandboxId, verbose: true });
    return podSandboxStatus(status, info);
  }

  async runtimeHandler(podSandboxId: string): Promise<string> {
    const { status } = await this.#client.runtime('PodSandboxStatus', { podSandboxId, verbose: false });
    return status?.runtimeHandler ?? '';
  }

  async list(filter: PodSandboxFilter = {}): Promise<PodSandbox[]> {
    const { items } = await this.#client.runtime('ListPodSandbox', { filter: sandboxFilterMessage(filter) });
    return items.map((item) => podSandbox(item));
  }

  async stats(podSandboxId: string): Promise<PodSandboxStats> {
    const { stats } = await this.#client.runtime('PodSandboxStats', { podSandboxId });
    return podSandboxStats(stats, 'PodSandboxStats');
  }

  async listStats({ id = '', labelSelector = {} }: PodSandboxFilter = {}): Promise<PodSandboxStats[]> {
    const { stats } = await this.#client.runtime('ListPodSandboxStats', { filter: { id, labelSelector } });
    return stats.map((one) => podSandboxStats(one, 'ListPodSandboxStats'));
  }

  /** A runtime whose cleaning up failed as well keeps the sandbox, which is not ready, and its name. */
  async #removeRemains({ metadata: { name, namespace, uid, attempt } }: PodSandboxConfig): Promise<void> {
    const found = await this.list({ state: 'SANDBOX_NOTREADY' });
    const remains = found.filter(({ metadata: one }) => one.uid === uid && one.attempt === attempt && one.name === name && one.namespace === namespace);
    await Promise.all(remains.map(({ id }) => this.remove(id)));
  }
}
