import type { ContainerStatus, CriRuntime } from '@podling/cri';
import type { Pod } from '@podling/shared/api';
import type { PodEvents } from '../pod-events.ts';
import type { PodRuntimeStatus } from './runtime.ts';

/** Ends what runs of a pod; every step may be repeated. */
export class PodKiller {
  readonly #runtime: CriRuntime;
  readonly #events: PodEvents;

  constructor({ runtime, events }: { runtime: CriRuntime; events: PodEvents }) {
    this.#runtime = runtime;
    this.#events = events;
  }

  /** All containers at once with their grace period, then the sandboxes. */
  async killPod(pod: Pod, status: PodRuntimeStatus, gracePeriodSeconds: number): Promise<void> {
    const living = status.containers.filter(({ state }) => state === 'CONTAINER_RUNNING' || state === 'CONTAINER_UNKNOWN');
    await all(living.map((container) => this.killContainer(pod, container, `Stopping container ${container.metadata.name}`, gracePeriodSeconds)));
    const ready = status.sandboxes.filter(({ state }) => state === 'SANDBOX_READY');
    await all(ready.map(({ id }) => this.#runtime.stopPodSandbox(id)));
  }

  async killContainer(pod: Pod, container: ContainerStatus, message: string, gracePeriodSeconds: number): Promise<void> {
    this.#events.container(pod, container.metadata, 'Normal', 'Killing', message);
    await this.#runtime.stopContainer(container.id, gracePeriodSeconds);
  }

  /** Leaves nothing of the pod in the runtime. */
  async removePod(status: PodRuntimeStatus): Promise<void> {
    const inSandbox = new Set(status.sandboxes.map(({ id }) => id));
    const strays = status.containers.filter(({ podSandboxId }) => !inSandbox.has(podSandboxId));
    await all(strays.map(({ id }) => this.#runtime.removeContainer(id)));
    await all(status.sandboxes.map(({ id }) => this.#runtime.removePodSandbox(id)));
  }
}

/** Waits for all of them, then fails with the first failure: one stuck container does not keep the others alive. */
async function all(steps: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(steps);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
