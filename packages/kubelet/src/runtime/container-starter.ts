import { CriError, type ContainerStatus, type CriRuntime, type PodSandboxConfig } from '@podling/cri';
import { uidOf, type Container, type Pod, type PodStatus } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import type { KeyedBackOff } from '../back-off/keyed-back-off.ts';
import { ImageError, type ImageManager } from '../images/image-manager.ts';
import type { PodObjects } from '../objects/pod-objects.ts';
import type { PodEvents } from '../pod-events.ts';
import { containerConfig, type ContainerConfigInput } from './container-config.ts';
import type { SubPathMounts } from './container-mounts.ts';
import { readReferredObjects, type EnvironmentSources } from './environment-sources.ts';
import { ContainerConfigError } from './environment.ts';
import { containerNameLabel } from './labels.ts';
import { endOfLost, reportedContainer } from './lost-container.ts';
import { latestContainer, type PodRuntimeStatus } from './runtime.ts';
import type { WaitingReason, WaitingReasonCache } from './waiting-reasons.ts';

export interface ContainerStarterOptions {
  runtime: CriRuntime;
  images: ImageManager;
  events: PodEvents;
  waiting: WaitingReasonCache;
  objects: Pick<PodObjects, 'configMap' | 'secret'>;
  subPaths: SubPathMounts;
  /** Throws while services are not known. */
  serviceVariables: (pod: Pod) => ReadonlyMap<string, string>;
  clock: Clock;
  /** Between two runs of a container. */
  crashBackOff: KeyedBackOff;
  /** Between two failed attempts to create or start one. */
  failureBackOff: KeyedBackOff;
}

export interface StartRequest {
  pod: Pod;
  container: Container;
  status: PodRuntimeStatus;
  /** What was last reported of the pod. */
  reported: PodStatus;
  sandboxId: string;
  sandboxConfig: PodSandboxConfig;
  /** All of the container's configuration that does not depend on the attempt. */
  context: Omit<ContainerConfigInput, 'pod' | 'container' | 'attempt' | 'sources'>;
  signal: AbortSignal;
}

/** `retryAtMs` 0: started, or an event will tell. */
export interface StartOutcome {
  started: boolean;
  retryAtMs: number;
}

/**
 * Starts one container: back-off, image, create, start. A failure becomes the container's waiting reason and an Event;
 * only a runtime that does not answer is thrown.
 */
export class ContainerStarter {
  readonly #options: ContainerStarterOptions;

  constructor(options: ContainerStarterOptions) {
    this.#options = options;
  }

  async start(request: StartRequest): Promise<StartOutcome> {
    const { pod, container } = request;
    const key = `${uidOf(pod)}/container/${container.name}`;
    const blockedUntil = this.#crashBlockedUntil(key, request) || this.#options.failureBackOff.blockedUntil(key);
    if (blockedUntil > 0) return { started: false, retryAtMs: blockedUntil };
    try {
      await this.#options.images.ensureImageExists(pod, container, this.#tell(request), request.signal);
      await this.#createAndStart(request, nextAttempt(request));
    } catch (error) {
      return this.#failed(key, request, error);
    }
    this.#options.failureBackOff.reset(key);
    this.#options.waiting.clear(uidOf(pod), container.name);
    return { started: true, retryAtMs: 0 };
  }

  /** The first run after an end is free, every further one waits since the last end. */
  #crashBlockedUntil(key: string, { pod, container, status }: StartRequest): number {
    const latest = latestContainer(status, container.name);
    if (latest?.state !== 'CONTAINER_EXITED') return 0;
    const { crashBackOff, waiting } = this.#options;
    const until = crashBackOff.blockedUntil(key, latest.finishedAtMs);
    if (until === 0) {
      crashBackOff.next(key, latest.finishedAtMs);
      return 0;
    }
    const where = `container=${container.name} pod=${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${uidOf(pod)})`;
    const message = `back-off ${crashBackOff.delayMs(key) / 1000}s restarting failed ${where}`;
    if (waiting.get(uidOf(pod)).get(container.name)?.message !== message) this.#tellBackOff(pod, container);
    waiting.set(uidOf(pod), container.name, { reason: 'CrashLoopBackOff', message });
    return until;
  }

  #tellBackOff(pod: Pod, container: Container): void {
    const where = `container ${container.name} in pod ${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${uidOf(pod)})`;
    this.#options.events.container(pod, container, 'Warning', 'BackOff', `Back-off restarting failed ${where}`);
  }

  async #createAndStart(request: StartRequest, attempt: number): Promise<void> {
    const { pod, container, sandboxId, sandboxConfig, context } = request;
    const { runtime } = this.#options;
    const sources = await this.#sources(pod, container);
    const planned = containerConfig({ pod, container, attempt, sources, ...context });
    const config = { ...planned, mounts: await this.#options.subPaths.bind(pod, container, planned.mounts) };
    request.signal.throwIfAborted();
    const id = await creating(runtime.createContainer(sandboxId, config, sandboxConfig));
    this.#tell(request)('Normal', 'Created', `Container created: ${container.name}`);
    await runtime.startContainer(id);
    this.#tell(request)('Normal', 'Started', `Container started: ${container.name}`);
  }

  async #sources(pod: Pod, container: Container): Promise<EnvironmentSources> {
    try {
      const serviceVariables = this.#options.serviceVariables(pod);
      return { serviceVariables, ...(await readReferredObjects(pod, container, this.#options.objects)) };
    } catch (cause) {
      throw new ContainerConfigError(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  #failed(key: string, { pod, container, signal }: StartRequest, error: unknown): StartOutcome {
    if (signal.aborted || isOutage(error)) throw error;
    const { failureBackOff, waiting, events } = this.#options;
    const { reason, message } = explain(error);
    const before = waiting.get(uidOf(pod)).get(container.name);
    const told = error instanceof ImageError && before?.reason === reason && before.message === message;
    if (!told) events.container(pod, container, 'Warning', 'Failed', error instanceof ImageError ? `Error: ${reason}` : `Error: ${message}`);
    waiting.set(uidOf(pod), container.name, { reason, message });
    if (error instanceof ImageError) return { started: false, retryAtMs: error.retryAtMs };
    if (error instanceof CriError && error.code === 'StartError') return { started: true, retryAtMs: 0 };
    failureBackOff.next(key);
    return { started: false, retryAtMs: failureBackOff.blockedUntil(key) };
  }

  #tell({ pod, container }: StartRequest) {
    return (type: 'Normal' | 'Warning', reason: string, message: string): void =>
      this.#options.events.container(pod, container, type, reason, message);
  }
}

/** A count lost by the runtime goes on from what was last reported. */
function nextAttempt({ container, status, reported }: StartRequest): number {
  const own = status.containers.filter(({ labels, state }) => labels[containerNameLabel] === container.name && state !== 'CONTAINER_CREATED');
  const latest: ContainerStatus | undefined = own[0];
  if (latest) return latest.metadata.attempt + 1;
  const known = reportedContainer(reported, container.name);
  if (known === undefined) return 0;
  return endOfLost(known) === undefined ? known.restartCount : known.restartCount + 1;
}

class CreateError extends Error {
  override readonly name = 'CreateError';
}

async function creating(id: Promise<string>): Promise<string> {
  try {
    return await id;
  } catch (cause) {
    if (isOutage(cause) || (cause instanceof CriError && cause.code === 'StartError')) throw cause;
    throw new CreateError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof CriError && error.code === 'Unavailable';
}

function explain(error: unknown): WaitingReason {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ImageError) return { reason: error.reason, message };
  if (error instanceof ContainerConfigError) return { reason: 'CreateContainerConfigError', message };
  if (error instanceof CreateError) return { reason: 'CreateContainerError', message };
  return { reason: 'RunContainerError', message };
}
