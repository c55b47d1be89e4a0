import { CriError, isCriNotFound, type Container, type ContainerStatus, type ContainerState, type CriRuntime, type PodSandbox, type PodSandboxState, type PodSandboxStatus } from '@podling/cri';
import { podNameLabel, podNamespaceLabel, podUidLabel, podUidSelector } from './labels.ts';
import type { TerminationMessages } from './termination-message.ts';
import type { PodRuntimeStatus, RuntimePod } from './runtime.ts';

/** Whether what is in this state was read in that one, and has not changed since. */
type IsKnown = (state: ContainerState | PodSandboxState, known: ContainerState | PodSandboxState) => boolean;

/**
 * What the runtime knows, pod by pod. An entry is read again once it was invalidated (an event, a relist, our own
 * doing), so a pod at rest costs no call. What the runtime's lists show in the state in which it was read is not asked
 * again, but after our own doing; exited containers never are.
 * Upstream twin: kubecontainer `Cache`.
 */
export class StatusCache {
  readonly #runtime: CriRuntime;
  readonly #messages: Pick<TerminationMessages, 'of'> | undefined;
  readonly #statuses = new Map<string, PodRuntimeStatus>();
  /** Counts invalidations, so that a read which was overtaken by one is not kept. */
  readonly #generations = new Map<string, number>();

  constructor(runtime: CriRuntime, messages?: Pick<TerminationMessages, 'of'>) {
    this.#runtime = runtime;
    this.#messages = messages;
  }

  invalidate(uid: string): void {
    this.#generations.set(uid, this.#generation(uid) + 1);
  }

  forget(uid: string): void {
    this.#statuses.delete(uid);
    this.#generations.delete(uid);
  }

  async get(uid: string): Promise<PodRuntimeStatus> {
    return this.#get(uid, (state, known) => state === known);
  }

  /** Reads past the cache: resources, for one, change without a change of state. */
  async refresh(uid: string): Promise<PodRuntimeStatus> {
    this.invalidate(uid);
    return this.#get(uid, (state, known) => state === 'CONTAINER_EXITED' && state === known);
  }

  async #get(uid: string, isKnown: IsKnown): Promise<PodRuntimeStatus> {
    const generation = this.#generation(uid);
    const cached = this.#statuses.get(uid);
    if (cached !== undefined && generation === 0) return cached;
    const status = await this.#read(uid, cached, isKnown);
    this.#statuses.set(uid, status);
    if (this.#generation(uid) === generation) this.#generations.delete(uid);
    return status;
  }

  /** Everything Kubernetes' labels mark as a pod's. */
  async listPods(): Promise<RuntimePod[]> {
    const [sandboxes, containers] = await Promise.all([this.#runtime.listPodSandboxes(), this.#runtime.listContainers()]);
    const pods = new Map<string, RuntimePod>();
    for (const sandbox of sandboxes) podOf(pods, sandbox.labels)?.sandboxes.push(sandbox);
    for (const container of containers) podOf(pods, container.labels)?.containers.push(container);
    return [...pods.values()];
  }

  #generation(uid: string): number {
    return this.#generations.get(uid) ?? 0;
  }

  async #read(uid: string, cached: PodRuntimeStatus | undefined, isKnown: IsKnown): Promise<PodRuntimeStatus> {
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandboxes(podUidSelector(uid)),
      this.#runtime.listContainers(podUidSelector(uid)),
    ]);
    const [sandboxStatuses, containerStatuses] = await Promise.all([
      Promise.all(sandboxes.map((sandbox) => this.#sandboxStatus(sandbox, cached, isKnown))),
      Promise.all(containers.map((container) => this.#containerStatus(container, cached, isKnown))),
    ]);
    return { uid, sandboxes: newestFirst(sandboxStatuses), containers: newestFirst(containerStatuses) };
  }

  async #sandboxStatus({ id, state }: PodSandbox, cached: PodRuntimeStatus | undefined, isKnown: IsKnown): Promise<PodSandboxStatus | undefined> {
    const known = cached?.sandboxes.find((sandbox) => sandbox.id === id);
    return known !== undefined && isKnown(state, known.state) ? known : unlessGone(this.#runtime.podSandboxStatus(id));
  }

  async #containerStatus({ id, state }: Container, cached: PodRuntimeStatus | undefined, isKnown: IsKnown): Promise<ContainerStatus | undefined> {
    const known = cached?.containers.find((container) => container.id === id);
    if (known !== undefined && isKnown(state, known.state)) return known;
    const status = await unlessGone(this.#runtime.containerStatus(id));
    return status?.state === 'CONTAINER_EXITED' ? this.#withLastWords(status) : status;
  }

  async #withLastWords(ended: ContainerStatus): Promise<ContainerStatus> {
    const message = await this.#messages?.of(ended);
    return message ? { ...ended, message: [ended.message, message].filter(Boolean).join(': ') } : ended;
  }
}

function podOf(pods: Map<string, RuntimePod>, labels: Record<string, string>): RuntimePod | undefined {
  const uid = labels[podUidLabel];
  if (uid === undefined) return undefined;
  const pod = pods.get(uid) ?? { uid, name: labels[podNameLabel] ?? '', namespace: labels[podNamespaceLabel] ?? '', sandboxes: [], containers: [] };
  pods.set(uid, pod);
  return pod;
}

async function unlessGone<T>(status: Promise<T>): Promise<T | undefined> {
  try {
    return await status;
  } catch (error) {
    if (error instanceof CriError && isCriNotFound(error)) return undefined;
    throw error;
  }
}

function newestFirst<T extends { metadata: { attempt: number }; createdAtMs: number }>(statuses: (T | undefined)[]): T[] {
  const present = statuses.filter((status) => status !== undefined);
  return present.sort((a, b) => b.metadata.attempt - a.metadata.attempt || b.createdAtMs - a.createdAtMs);
}
