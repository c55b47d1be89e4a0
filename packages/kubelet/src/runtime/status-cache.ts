import { unlessNotFound, type Container, type ContainerStatus, type ContainerState, type CriRuntime, type PodSandbox, type PodSandboxState, type PodSandboxStatus } from '@podling/cri';
import { podNameLabel, podNamespaceLabel, podUidLabel, podUidSelector } from './labels.ts';
import type { TerminationMessages } from './termination-message.ts';
import type { PodRuntimeStatus, RuntimePod } from './runtime.ts';

/** Whether what is in this state was read in that one, and has not changed since. */
type IsKnown = (state: ContainerState | PodSandboxState, known: ContainerState | PodSandboxState) => boolean;

/** Numbers of invalidations. None is given twice, not even for different pods. */
interface Invalidations {
  /** What was read before it is no longer right. */
  last: number;
  /** What was read before it may have changed without a change of state. */
  lastOfOurs: number;
}

interface Entry {
  status: PodRuntimeStatus;
  /** The last invalidation before the read began. */
  readAfter: number;
}

/**
 * What the runtime knows, pod by pod. An entry is read again once it was invalidated (an event, a relist, our own
 * doing), so a pod at rest costs no call. What the runtime's lists show in the state in which it was read is not asked
 * again, but after our own doing; exited containers never are. Of reads at the same time the one that began last counts.
 * Upstream twin: kubecontainer `Cache`.
 */
export class StatusCache {
  readonly #runtime: CriRuntime;
  readonly #messages: Pick<TerminationMessages, 'of'> | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #invalidations = new Map<string, Invalidations>();
  #count = 0;

  constructor(runtime: CriRuntime, messages?: Pick<TerminationMessages, 'of'>) {
    this.#runtime = runtime;
    this.#messages = messages;
  }

  invalidate(uid: string): void {
    this.#count += 1;
    this.#invalidations.set(uid, { last: this.#count, lastOfOurs: this.#invalidations.get(uid)?.lastOfOurs ?? 0 });
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
    this.#invalidations.delete(uid);
  }

  async get(uid: string): Promise<PodRuntimeStatus> {
    if (!this.#invalidations.has(uid)) this.invalidate(uid);
    const { last, lastOfOurs } = this.#invalidations.get(uid) as Invalidations;
    const cached = this.#entries.get(uid);
    if (cached?.readAfter === last) return cached.status;
    const isKnown: IsKnown = (state, known) => state === known && (state === 'CONTAINER_EXITED' || (cached?.readAfter ?? 0) >= lastOfOurs);
    const status = await this.#read(uid, cached?.status, isKnown);
    const isLatest = (this.#entries.get(uid)?.readAfter ?? 0) <= last;
    if (isLatest && this.#invalidations.has(uid)) this.#entries.set(uid, { status, readAfter: last });
    return status;
  }

  /** Reads past the cache: resources, for one, change without a change of state. */
  async refresh(uid: string): Promise<PodRuntimeStatus> {
    this.#count += 1;
    this.#invalidations.set(uid, { last: this.#count, lastOfOurs: this.#count });
    return this.get(uid);
  }

  /** Everything Kubernetes' labels mark as a pod's. */
  async listPods(): Promise<RuntimePod[]> {
    const [sandboxes, containers] = await Promise.all([this.#runtime.listPodSandboxes(), this.#runtime.listContainers()]);
    const pods = new Map<string, RuntimePod>();
    for (const sandbox of sandboxes) podOf(pods, sandbox.labels)?.sandboxes.push(sandbox);
    for (const container of containers) podOf(pods, container.labels)?.containers.push(container);
    return [...pods.values()];
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
    return known !== undefined && isKnown(state, known.state) ? known : unlessNotFound(this.#runtime.podSandboxStatus(id));
  }

  async #containerStatus({ id, state }: Container, cached: PodRuntimeStatus | undefined, isKnown: IsKnown): Promise<ContainerStatus | undefined> {
    const known = cached?.containers.find((container) => container.id === id);
    if (known !== undefined && isKnown(state, known.state)) return known;
    const status = await unlessNotFound(this.#runtime.containerStatus(id));
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

function newestFirst<T extends { metadata: { attempt: number }; createdAtMs: number }>(statuses: (T | undefined)[]): T[] {
  const present = statuses.filter((status) => status !== undefined);
  return present.sort((a, b) => b.metadata.attempt - a.metadata.attempt || b.createdAtMs - a.createdAtMs);
}
