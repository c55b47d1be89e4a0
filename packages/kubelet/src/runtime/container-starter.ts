import { CriError, type ContainerConfig, type ContainerStatus, type CriRuntime, type Image, type PodSandboxConfig } from '@podling/cri';
import { uidOf, type Container, type LifecycleHandler, type Pod, type PodStatus } from '@podling/shared/api';
import { unlessAborted } from '@podling/shared/util';
import type { KeyedBackOff } from '../back-off/keyed-back-off.ts';
import { ImageError, type ImageManager } from '../images/image-manager.ts';
import type { HandlerRunner, HandlerTarget } from '../lifecycle/handler-runner.ts';
import type { PodObjects } from '../objects/pod-objects.ts';
import type { PodEvents } from '../pod-events.ts';
import { containerConfig, type ContainerConfigInput } from './container-config.ts';
import type { SubPathMounts } from './container-mounts.ts';
import type { CrashBackOff } from './crash-back-off.ts';
import { readReferredObjects, type EnvironmentSources } from './environment-sources.ts';
import { ContainerConfigError } from './environment.ts';
import { containerNameLabel } from './labels.ts';
import { endOfLost, reportedContainer } from './lost-container.ts';
import type { AnyContainer } from './pod-containers.ts';
import { gracePeriodOf, type PodKiller } from './pod-killer.ts';
import type { PodPaths } from './pod-paths.ts';
import { verifyRunAsNonRoot } from './run-as-non-root.ts';
import type { PodRuntimeStatus } from './runtime.ts';
import { createTerminationLog } from './termination-message.ts';
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
  hooks: HandlerRunner;
  killer: PodKiller;
  paths: PodPaths;
  crashBackOff: CrashBackOff;
  /** Between two failed attempts to create or start one. */
  failureBackOff: KeyedBackOff;
}

export interface StartRequest {
  pod: Pod;
  container: AnyContainer;
  status: PodRuntimeStatus;
  /** What was last reported of the pod. */
  reported: PodStatus;
  sandboxId: string;
  sandboxConfig: PodSandboxConfig;
  /** All of the container's configuration that does not depend on the attempt. */
  context: Omit<ContainerConfigInput, 'pod' | 'container' | 'attempt' | 'sources' | 'terminationLogPath' | 'targetId'>;
  signal: AbortSignal;
  /** What is there of its image, where that was asked ahead. */
  image?: Promise<Image | undefined>;
}

/** `retryAtMs` 0: started, or an event will tell. */
export interface StartOutcome {
  started: boolean;
  retryAtMs: number;
}

/**
 * Starts one container: back-off, image, create, start, postStart hook. A failure becomes the container's waiting
 * reason and an Event; only a runtime that does not answer is thrown.
 */
export class ContainerStarter {
  readonly #options: ContainerStarterOptions;

  constructor(options: ContainerStarterOptions) {
    this.#options = options;
  }

  /** For a container that is about to be started. */
  lookAhead(container: Container): Promise<Image | undefined> {
    return this.#options.images.lookAhead(container);
  }

  async start(request: StartRequest): Promise<StartOutcome> {
    const { pod, container } = request;
    const { crashBackOff, failureBackOff } = this.#options;
    request.signal.throwIfAborted();
    const key = `${uidOf(pod)}/container/${container.name}`;
    const blockedUntil = crashBackOff.blockedUntil(pod, container, request.status) || failureBackOff.blockedUntil(key);
    if (blockedUntil > 0) return { started: false, retryAtMs: blockedUntil };
    try {
      await this.#options.images.ensureImageExists(pod, container, this.#tell(request), request.signal, request.image);
      await this.#createAndStart(request, nextAttempt(request));
    } catch (error) {
      return this.#failed(key, request, error);
    }
    failureBackOff.reset(key);
    this.#options.waiting.clear(uidOf(pod), container.name);
    return { started: true, retryAtMs: 0 };
  }

  async #createAndStart(request: StartRequest, attempt: number): Promise<void> {
    const { pod, container, sandboxId, sandboxConfig, signal } = request;
    const { runtime } = this.#options;
    const config = await this.#config(request, attempt);
    signal.throwIfAborted();
    const id = await creating(runtime.createContainer(sandboxId, config, sandboxConfig));
    this.#tell(request)('Normal', 'Created', 'Container created');
    signal.throwIfAborted();
    await runtime.startContainer(id);
    this.#tell(request)('Normal', 'Started', 'Container started');
    const postStart = container.lifecycle?.postStart;
    if (postStart) await this.#postStart(request, { pod, container, containerId: id, podIP: request.context.environment.podIPs[0] ?? '' }, postStart);
  }

  async #config(request: StartRequest, attempt: number): Promise<ContainerConfig> {
    const { pod, container, context } = request;
    const { paths, subPaths } = this.#options;
    await verifyRunAsNonRoot(pod, container, this.#options.runtime);
    const sources = await this.#sources(pod, container);
    const targetId = targetOf(request);
    const terminationLogPath = paths.terminationLog(uidOf(pod), container.name, attempt);
    const planned = containerConfig({ pod, container, attempt, sources, terminationLogPath, ...(targetId === undefined ? {} : { targetId }), ...context });
    const mounts = await subPaths.bind(pod, container, planned.mounts);
    if (mounts.some(({ hostPath }) => hostPath === terminationLogPath)) createTerminationLog(terminationLogPath);
    return { ...planned, mounts };
  }

  /** A container whose hook fails does not go on. What the hook says is kept out of Events: it may hold secrets. */
  async #postStart(request: StartRequest, target: HandlerTarget, handler: LifecycleHandler): Promise<void> {
    const { pod, container, signal } = request;
    try {
      await this.#options.hooks.run(target, handler, signal);
    } catch (cause) {
      signal.throwIfAborted();
      this.#tell(request)('Warning', 'FailedPostStartHook', 'PostStartHook failed');
      const { containerId, podIP } = target;
      const killed = this.#options.killer.killContainer({
        pod, containerId, name: container.name, message: 'FailedPostStartHook', gracePeriodSeconds: gracePeriodOf(pod, container), podIP, signal,
      });
      await unlessAborted(killed, signal);
      throw new PostStartHookError(cause instanceof Error ? cause.message : String(cause), { cause });
    }
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
    const told = error instanceof PostStartHookError || (error instanceof ImageError && before?.reason === reason && before.message === message);
    if (!told) events.container(pod, container, 'Warning', 'Failed', error instanceof ImageError ? `Error: ${reason}` : `Error: ${message}`);
    waiting.set(uidOf(pod), container.name, { reason, message });
    if (error instanceof ImageError) return { started: false, retryAtMs: error.retryAtMs };
    if (error instanceof PostStartHookError || (error instanceof CriError && error.code === 'StartError')) return { started: true, retryAtMs: 0 };
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

/** The container that an ephemeral one looks into. */
function targetOf({ container, status }: StartRequest): string | undefined {
  const name = 'targetContainerName' in container ? container.targetContainerName : undefined;
  if (!name) return undefined;
  const target = status.containers.find(({ metadata, state }) => metadata.name === name && state === 'CONTAINER_RUNNING');
  if (target === undefined) throw new ContainerConfigError(`unable to find target container ${name}`);
  return target.id;
}

class PostStartHookError extends Error {
  override readonly name = 'PostStartHookError';
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
  if (error instanceof PostStartHookError) return { reason: 'PostStartHookError', message };
  return { reason: 'RunContainerError', message };
}
