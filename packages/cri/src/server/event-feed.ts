import type { ContainerEvent, PodSandbox, RuntimeService } from '../cri.ts';
import { unlessNotFound } from '../not-found.ts';
import type * as wire from '../v1/index.ts';
import type { Sent } from '../v1/index.ts';
import { containerStatusMessage } from './container-answers.ts';
import { nanoseconds } from './figures.ts';
import { goneSandboxMessage, podSandboxStatusMessage } from './sandbox-answers.ts';

/** CRI's events carry the statuses of the pod's sandbox and containers; those that the runtime does not send along are asked for. */
export class EventFeed {
  readonly #runtime: RuntimeService;

  constructor(runtime: RuntimeService) {
    this.#runtime = runtime;
  }

  async message(event: ContainerEvent): Promise<Sent<wire.ContainerEventResponse>> {
    const { type, containerId, timestampMs, podSandboxStatus, containersStatuses } = event;
    const head = { containerId, containerEventType: type, createdAt: nanoseconds(timestampMs) };
    if (podSandboxStatus !== undefined && containersStatuses !== undefined) {
      return { ...head, podSandboxStatus: podSandboxStatusMessage(podSandboxStatus), containersStatuses: containersStatuses.map(containerStatusMessage) };
    }
    return { ...head, ...(await this.#statuses(event)) };
  }

  async #statuses({ containerId, podSandboxMetadata }: ContainerEvent): Promise<Pick<Sent<wire.ContainerEventResponse>, 'podSandboxStatus' | 'containersStatuses'>> {
    const sandbox = await this.#sandbox({ containerId, podSandboxMetadata });
    const status = sandbox && (await unlessNotFound(this.#runtime.podSandboxStatus(sandbox.id)));
    if (sandbox === undefined || status === undefined) return podSandboxMetadata === undefined ? {} : { podSandboxStatus: goneSandboxMessage(containerId, podSandboxMetadata), containersStatuses: [] };
    const containers = await this.#runtime.listContainers({ podSandboxId: sandbox.id });
    const statuses = await Promise.all(containers.map(({ id }) => unlessNotFound(this.#runtime.containerStatus(id))));
    return { podSandboxStatus: podSandboxStatusMessage(status), containersStatuses: statuses.filter((one) => one !== undefined).map(containerStatusMessage) };
  }

  /** Its own id, or that of the pod it belongs to. */
  async #sandbox({ containerId, podSandboxMetadata: owner }: Pick<ContainerEvent, 'containerId'> & { podSandboxMetadata: ContainerEvent['podSandboxMetadata'] }): Promise<PodSandbox | undefined> {
    const sandboxes = await this.#runtime.listPodSandboxes();
    const own = sandboxes.find(({ id }) => id === containerId);
    return own ?? sandboxes.find(({ metadata }) => metadata.uid === owner?.uid && metadata.attempt === owner.attempt);
  }
}
