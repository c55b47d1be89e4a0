import { aggregateRequests, compareQuantities, qosClassOf, uidOf, type Container, type ContainerStatus, type Pod, type PodStatus, type ResourceRequirements } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import type { ContainerResources } from '../cm/container-resources.ts';
import type { CpuManager } from '../cm/cpu-manager.ts';
import type { PodEvents } from '../pod-events.ts';
import { computeResize, resizableContainers, type PendingRestart } from '../runtime/compute-resize.ts';
import { isRunning, latestContainer, type PodRuntimeStatus } from '../runtime/runtime.ts';
import type { ResizeState } from '../status/resize-conditions.ts';
import { shortagesOf, type Capacity } from './admission.ts';
import type { Allocation, AllocationStore } from './allocation-store.ts';

export interface AllocationsOptions {
  store: AllocationStore;
  events: PodEvents;
  clock: Clock;
  figures: Pick<ContainerResources, 'cgroupResources'>;
  cpuManagerPolicy: CpuManager['policy'];
  /** Pods that have been started and are not over, as the apiserver has them. */
  startedPods: () => readonly Pod[];
  /** Undefined while the node is not known: nothing is decided then. */
  capacity: () => Capacity | undefined;
  /** There may be room for that pod's resize now. */
  wake: (uid: string) => void;
}

type Pending = NonNullable<ResizeState['pending']>;

const amounts = ['cpu', 'memory'] as const;
/** What waits is looked at again then at the latest. */
const deferredPeriodMs = 180_000;
const undecidedPeriodMs = 1_000;

/**
 * What each pod has been given of the node, which is not always what it asks for: a resize is granted when there is room,
 * waits while others are in the way (Deferred), or is refused (Infeasible). What was granted survives the kubelet.
 * Everything below the pod's sync sees the pod as it was granted. Upstream twin: kubelet `allocation.Manager`.
 */
export class Allocations {
  readonly #options: AllocationsOptions;
  #allocations = new Map<string, Allocation>();
  /** Pods that were resized once: others are left as they were started. */
  readonly #resized = new Set<string>();
  readonly #states = new Map<string, ResizeState>();
  readonly #undecided = new Set<string>();

  constructor(options: AllocationsOptions) {
    this.#options = options;
  }

  /** Before any pod is synced. */
  async load(): Promise<void> {
    this.#allocations = await this.#options.store.load();
    for (const uid of this.#allocations.keys()) this.#resized.add(uid);
  }

  /** The pod with what it has; itself if that is what it asks for. */
  allocated(pod: Pod): Pod {
    const known = this.#allocations.get(uidOf(pod));
    if (known === undefined || isGranted(pod, known)) return pod;
    const given = (container: Container): Container => ({ ...container, ...resourcesFrom(known.containers[container.name], container) });
    const { containers, initContainers } = pod.spec;
    return { ...pod, spec: { ...pod.spec, containers: containers.map(given), ...(initContainers ? { initContainers: initContainers.map(given) } : {}) } };
  }

  /** Grants what can be granted and returns the pod as `allocated` does; `reported` tells what it had before this kubelet. */
  async admit(pod: Pod, reported: PodStatus, runtime: PodRuntimeStatus): Promise<Pod> {
    const uid = uidOf(pod);
    const known = this.#allocations.get(uid) ?? { containers: reportedResources(pod, reported), restarts: [] };
    this.#allocations.set(uid, known);
    this.#undecided.delete(uid);
    this.#recall(uid, reported);
    if (isGranted(pod, known)) this.#update(uid, { pending: undefined });
    else await this.#resize(pod, known, reported, runtime);
    return this.allocated(pod);
  }

  /** A resize that the kubelet before this one has begun. */
  #recall(uid: string, { conditions }: PodStatus): void {
    const begun = conditions?.find(({ type }) => type === 'PodResizeInProgress');
    if (begun === undefined || this.#states.has(uid) || !this.#resized.has(uid)) return;
    this.#states.set(uid, { progress: { generation: begun.observedGeneration ?? 0, ...(begun.message ? { error: begun.message } : {}) } });
  }

  /** The pods that take part of the node, as `allocated`. */
  granted(): Pod[] {
    return this.#options.startedPods().map((pod) => this.allocated(pod));
  }

  /** Restarts that are due; undefined: the pod was never resized. */
  restarts(uid: string): readonly PendingRestart[] | undefined {
    return this.#resized.has(uid) ? this.#allocations.get(uid)?.restarts : undefined;
  }

  /** When to look again, by the monotonic clock; 0 = never. */
  retryAtMs(uid: string): number {
    const now = this.#options.clock.monotonic();
    if (this.#undecided.has(uid)) return now + undecidedPeriodMs;
    return this.state(uid).pending?.reason === 'Deferred' ? now + deferredPeriodMs : 0;
  }

  state(uid: string): ResizeState {
    return this.#states.get(uid) ?? {};
  }

  /** What has become of what was granted to `pod`, given as `allocated`. */
  noteProgress(pod: Pod, runtime: PodRuntimeStatus, error?: string): void {
    const uid = uidOf(pod);
    const restarts = this.restarts(uid);
    if (restarts === undefined) return;
    const { update, kill } = computeResize(pod, runtime, restarts, this.#options.figures);
    const { progress } = this.state(uid);
    const generation = progress?.generation ?? pod.metadata.generation ?? 0;
    if (update.length + kill.length > 0) return this.#goOn(pod, generation, error ?? progress?.error);
    if (progress === undefined) return;
    this.#update(uid, { progress: undefined });
    this.#tell(pod, 'Normal', 'ResizeCompleted', 'Pod resize completed', generation);
    this.roomMade();
  }

  #goOn(pod: Pod, generation: number, error: string | undefined): void {
    const { progress } = this.state(uidOf(pod));
    if (error !== undefined && error !== progress?.error) this.#tell(pod, 'Warning', 'ResizeError', 'Pod resize error', generation, error);
    this.#update(uidOf(pod), { progress: { generation, ...(error === undefined ? {} : { error }) } });
  }

  /** A pod has ended or got smaller: those that wait are looked at again, the most important first. */
  roomMade(): void {
    const waiting = this.#options.startedPods().filter((pod) => this.state(uidOf(pod)).pending?.reason === 'Deferred');
    for (const pod of waiting.toSorted(byImportance)) this.#options.wake(uidOf(pod));
  }

  forgetPod(uid: string): void {
    this.#states.delete(uid);
    this.#resized.delete(uid);
    this.#undecided.delete(uid);
    if (this.#allocations.delete(uid)) this.roomMade();
  }

  async #resize(pod: Pod, known: Allocation, reported: PodStatus, runtime: PodRuntimeStatus): Promise<void> {
    const uid = uidOf(pod);
    const node = this.#options.capacity();
    if (node === undefined) return void this.#undecided.add(uid);
    const pending = this.#pinned(pod, known) ?? this.#obstacle(pod, node);
    if (pending) return this.#defer(pod, pending, reported);
    const next: Allocation = { containers: wantedResources(pod), restarts: restartsFor(pod, known, runtime) };
    await this.#grant(uid, known, next);
    const generation = pod.metadata.generation ?? 0;
    this.#states.set(uid, { progress: { generation } });
    this.#tell(pod, 'Normal', 'ResizeStarted', 'Pod resize started', generation);
  }

  /** Its room is taken while it is written down: another pod may ask meanwhile. */
  async #grant(uid: string, known: Allocation, next: Allocation): Promise<void> {
    this.#allocations.set(uid, next);
    try {
      await this.#options.store.save(uid, next);
    } catch (error) {
      this.#allocations.set(uid, known);
      throw error;
    }
    this.#resized.add(uid);
  }

  #defer(pod: Pod, pending: Pending, reported: PodStatus): void {
    const before = this.state(uidOf(pod)).pending ?? reported.conditions?.find(({ type }) => type === 'PodResizePending');
    this.#update(uidOf(pod), { pending });
    if (before?.reason === pending.reason && before.message === pending.message) return;
    this.#tell(pod, 'Warning', `Resize${pending.reason}`, `Pod resize ${pending.reason}`, pending.generation, pending.message);
  }

  /** Containers may have CPUs of their own, which cannot become more or fewer while they run. */
  #pinned(pod: Pod, { containers }: Allocation): Pending | undefined {
    const { cpuManagerPolicy } = this.#options;
    if (cpuManagerPolicy !== 'static' || qosClassOf(pod.spec) !== 'Guaranteed') return undefined;
    if (resizableContainers(pod).every(({ name, resources }) => !changed(containers[name], resources).includes('cpu'))) return undefined;
    return { reason: 'Infeasible', message: 'Resize is infeasible for Guaranteed Pods alongside CPU Manager policy "static"', generation: pod.metadata.generation ?? 0 };
  }

  #obstacle(pod: Pod, node: Capacity): Pending | undefined {
    const generation = pod.metadata.generation ?? 0;
    const [alone] = shortagesOf(pod, [], node);
    if (alone) return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${alone.name}, requested: ${alone.requested}, capacity: ${alone.capacity}`, generation };
    const [short] = shortagesOf(pod, this.granted(), node);
    if (short === undefined) return undefined;
    const { name, requested, used, capacity } = short;
    return { reason: 'Deferred', message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`, generation };
  }

  #update(uid: string, change: { pending?: ResizeState['pending'] | undefined; progress?: ResizeState['progress'] | undefined }): void {
    const merged = Object.entries({ ...this.state(uid), ...change }).filter(([, value]) => value !== undefined);
    if (merged.length === 0) this.#states.delete(uid);
    else this.#states.set(uid, Object.fromEntries(merged));
  }

  #tell(pod: Pod, type: 'Normal' | 'Warning', reason: string, text: string, generation: number, error?: string): void {
    const summary = (list: readonly Container[] = []) => list.map(({ name, resources = {} }) => ({ name, resources }));
    const { initContainers, containers } = pod.spec;
    const details = { ...(initContainers?.length ? { initContainers: summary(initContainers) } : {}), containers: summary(containers), generation, ...(error === undefined ? {} : { error }) };
    this.#options.events.pod(pod, type, reason, `${text}: ${JSON.stringify(details)}`);
  }
}

function isGranted(pod: Pod, { containers }: Allocation): boolean {
  return resizableContainers(pod).every(({ name, resources }) => changed(containers[name], resources).length === 0);
}

/** Which of cpu and memory differ. */
function changed(before: ResourceRequirements | undefined, after: ResourceRequirements | undefined): string[] {
  return amounts.filter((name) => (['requests', 'limits'] as const).some((list) => !isSameAmount(before?.[list]?.[name], after?.[list]?.[name])));
}

function isSameAmount(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && compareQuantities(a, b) === 0);
}

function wantedResources(pod: Pod): Allocation['containers'] {
  return Object.fromEntries(resizableContainers(pod).map(({ name, resources }) => [name, resources ?? {}]));
}

/** Only cpu and memory: the rest of what a container asks for cannot change. */
function resourcesFrom(given: ResourceRequirements | undefined, { resources }: Container): Pick<Container, 'resources'> {
  if (given === undefined) return resources === undefined ? {} : { resources };
  const { requests, limits } = given;
  return { resources: { ...resources, ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) } };
}

/** Of a pod that no file tells about: what the kubelet before this one has reported, else what it asks for. */
function reportedResources(pod: Pod, { containerStatuses = [], initContainerStatuses = [] }: PodStatus): Allocation['containers'] {
  const statuses: readonly ContainerStatus[] = [...containerStatuses, ...initContainerStatuses];
  return Object.fromEntries(resizableContainers(pod).map(({ name, resources = {} }) => {
    const known = statuses.find((status) => status.name === name);
    const { allocatedResources: requests, resources: actual } = known ?? {};
    if (requests === undefined) return [name, resources];
    return [name, { ...resources, requests, ...(actual?.limits ? { limits: actual.limits } : {}) }];
  }));
}

/** Containers that run and whose resizePolicy wants a restart for what changes, and those still to be restarted. */
function restartsFor(pod: Pod, { containers, restarts }: Allocation, runtime: PodRuntimeStatus): PendingRestart[] {
  return resizableContainers(pod).flatMap(({ name, resources, resizePolicy = [] }) => {
    const latest = latestContainer(runtime, name);
    if (latest === undefined || !isRunning(latest)) return [];
    const differing = changed(containers[name], resources);
    const asked = resizePolicy.some(({ resourceName, restartPolicy }) => restartPolicy === 'RestartContainer' && differing.includes(resourceName));
    const due = asked || restarts.some(({ containerId }) => containerId === latest.id);
    return due ? [{ containerName: name, containerId: latest.id }] : [];
  });
}

/** Higher priority first, then guaranteed pods, then the smaller ones. */
function byImportance(a: Pod, b: Pod): number {
  const guaranteed = (pod: Pod): number => (qosClassOf(pod.spec) === 'Guaranteed' ? 1 : 0);
  const priority = (b.spec.priority ?? 0) - (a.spec.priority ?? 0) || guaranteed(b) - guaranteed(a);
  return priority || compareQuantities(aggregateRequests(a.spec)['cpu'] ?? '0', aggregateRequests(b.spec)['cpu'] ?? '0');
}
