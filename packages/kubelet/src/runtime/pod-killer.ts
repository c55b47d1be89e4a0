import type { ContainerStatus, CriRuntime } from '@podling/cri';
import type { Container, Pod } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import type { HandlerRunner } from '../lifecycle/handler-runner.ts';
import type { PodEvents } from '../pod-events.ts';
import { PreStopHooks } from './pre-stop-hooks.ts';
import { specOfContainer } from './pod-containers.ts';
import { mayRun, podIPsOf, readySandbox, type PodRuntimeStatus } from './runtime.ts';
import { TerminationOrder } from './termination-order.ts';
import { waitUntil } from './wait-until.ts';

export interface PodKillerOptions {
  runtime: CriRuntime;
  events: PodEvents;
  hooks: HandlerRunner;
  clock: Clock;
  hostIPs: readonly string[];
}

/** How a container is to end. */
export interface KillRequest {
  pod: Pod;
  containerId: ContainerStatus['id'];
  name: string;
  /** For the user. */
  message: string;
  /** For hook, turn and stop together. */
  gracePeriodSeconds: number;
  /** Where its preStop hook may have to go. */
  podIP: string;
  order?: TerminationOrder;
  /** Ends the waiting; what the runtime was asked for goes on. */
  signal: AbortSignal;
}

/** However little is left of the grace period, a process gets so long to end by itself. */
const leastGraceSeconds = 2;

/** Ends what runs of a pod; every step may be repeated, with a shorter grace period too. */
export class PodKiller {
  readonly #options: PodKillerOptions;
  readonly #preStop: PreStopHooks;

  constructor(options: PodKillerOptions) {
    this.#options = options;
    this.#preStop = new PreStopHooks(options);
  }

  /** All containers, sidecars last, within one grace period, then the sandboxes: one that has died by itself still holds its network. */
  async killPod(pod: Pod, status: PodRuntimeStatus, gracePeriodSeconds: number, signal: AbortSignal): Promise<void> {
    const living = status.containers.filter(mayRun);
    const order = new TerminationOrder(pod, living.map(({ metadata }) => metadata.name));
    const podIP = podIPsOf(readySandbox(status), this.#options.hostIPs)[0] ?? '';
    await all(living.map(({ id: containerId, metadata: { name } }) =>
      this.killContainer({ pod, containerId, name, message: `Stopping container ${name}`, gracePeriodSeconds, podIP, order, signal })));
    await all(status.sandboxes.map(({ id }) => this.#options.runtime.stopPodSandbox(id)));
  }

  async killContainer({ pod, containerId, name, message, gracePeriodSeconds, podIP, order, signal }: KillRequest): Promise<void> {
    const { runtime, events, clock } = this.#options;
    events.container(pod, { name }, 'Normal', 'Killing', message);
    const deadlineMs = clock.monotonic() + gracePeriodSeconds * 1000;
    const container = specOfContainer(pod, name);
    const preStop = container?.lifecycle?.preStop;
    if (container && preStop && gracePeriodSeconds > 0) await this.#preStop.wait({ pod, container, containerId, podIP }, preStop, deadlineMs, signal);
    if (order) await waitUntil(clock, order.turnOf(name), deadlineMs, signal);
    await runtime.stopContainer(containerId, Math.max(Math.ceil((deadlineMs - clock.monotonic()) / 1000), leastGraceSeconds));
    this.#preStop.forget(containerId);
    order?.ended(name);
  }

  /** Leaves nothing of the pod in the runtime. */
  async removePod(status: PodRuntimeStatus): Promise<void> {
    const { runtime } = this.#options;
    const inSandbox = new Set(status.sandboxes.map(({ id }) => id));
    const strays = status.containers.filter(({ podSandboxId }) => !inSandbox.has(podSandboxId));
    await all(strays.map(({ id }) => runtime.removeContainer(id)));
    await all(status.sandboxes.map(({ id }) => runtime.removePodSandbox(id)));
  }

  /** Nothing is left of the pod. */
  forgetPod(uid: string): void {
    this.#preStop.forgetPod(uid);
  }

  /** Ends hooks that still run. */
  stop(): void {
    this.#preStop.stop();
  }
}

/** The grace period of a container that is to end, by what asks for it. */
export function gracePeriodOf(pod: Pod, container: Container | undefined, probe?: 'liveness' | 'startup'): number {
  if (pod.metadata.deletionGracePeriodSeconds !== undefined) return pod.metadata.deletionGracePeriodSeconds;
  const ofProbe = probe && container?.[`${probe}Probe`]?.terminationGracePeriodSeconds;
  return ofProbe ?? pod.spec.terminationGracePeriodSeconds ?? 30;
}

/** Waits for all of them, then fails with the first failure: one stuck container does not keep the others alive. */
async function all(steps: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(steps);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
