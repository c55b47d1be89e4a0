import type { CriRuntime } from '@podling/cri';
import { uidOf, type Container, type ContainerStatus, type Pod, type PodStatus, type Probe } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import type { PodEvents } from '../pod-events.ts';
import type { ProbeKind, ProbeResults, ProbeVerdict } from '../runtime/probe-results.ts';
import { ProbeMetrics } from './probe-metrics.ts';
import { containerStatusOf, ProbeWorker, type ProbedPod, type ProbeWorkerContext } from './probe-worker.ts';
import { VerdictStore } from './verdict-store.ts';

export interface ProbeManagerOptions {
  runtime: Pick<CriRuntime, 'execSync'>;
  events: PodEvents;
  clock: Clock;
  /** What was last reported of a pod. */
  statusOf: (uid: string) => PodStatus | undefined;
  /** The verdict on a container of that pod has changed: status and actions are to be computed anew. */
  onVerdict: (uid: string) => void;
  /** From 0 to 1. */
  random?: () => number;
}

interface PodRecord extends ProbedPod {
  workers: ProbeWorker[];
}

const successful: ProbeVerdict = { result: 'Success', message: '' };

/**
 * Probes the containers of all pods and keeps the verdicts.
 *
 * Promises: what was reported before this kubelet goes on until its first own verdict, so a restart makes no pod
 * unready. A pod that terminates is not killed by a probe any more, its readiness is still looked at. Nothing is kept of
 * a forgotten pod. Called by sync-pod. Upstream twin: kubelet `prober.Manager`.
 */
export class ProbeManager implements ProbeResults {
  /** How probes end. */
  readonly metrics = new ProbeMetrics();
  readonly #context: ProbeWorkerContext;
  readonly #random: () => number;
  readonly #startMs: number;
  readonly #verdicts = new VerdictStore();
  readonly #pods = new Map<string, PodRecord>();

  constructor({ random = Math.random, ...options }: ProbeManagerOptions) {
    this.#context = { ...options, verdicts: this.#verdicts, metrics: this.metrics };
    this.#random = random;
    this.#startMs = options.clock.monotonic();
  }

  get(kind: ProbeKind, containerId: string): ProbeVerdict | undefined {
    return this.#verdicts.get(kind, containerId);
  }

  /** Before each sync; `reported` is what was last reported. A pod that is known already gets no new workers. */
  addPod(pod: Pod, reported: PodStatus): void {
    this.#add(pod, reported, ['startup', 'readiness', 'liveness']);
  }

  /** A container that runs and is not known to be ready is looked at without waiting for its period. */
  statusReported(uid: string, status: PodStatus): void {
    for (const worker of this.#pods.get(uid)?.workers ?? []) {
      if (worker.kind === 'readiness' && awaitsReadiness(containerStatusOf(status, worker.containerName))) worker.trigger();
    }
  }

  /** The pod is about to be stopped: liveness and startup end in peace. */
  terminatePod(pod: Pod, reported: PodStatus): void {
    this.#add(pod, reported, ['readiness']);
    for (const worker of this.#pods.get(uidOf(pod))?.workers ?? []) if (worker.kind !== 'readiness') worker.settle();
  }

  forgetPod(uid: string): void {
    for (const worker of this.#pods.get(uid)?.workers ?? []) worker.forget();
    this.#pods.delete(uid);
  }

  stop(): void {
    for (const { workers } of this.#pods.values()) for (const worker of workers) worker.stop();
  }

  #add(pod: Pod, reported: PodStatus, kinds: readonly ProbeKind[]): void {
    const uid = uidOf(pod);
    const known = this.#pods.get(uid);
    if (known) {
      known.pod = pod;
      return;
    }
    const record: PodRecord = { uid, pod, workers: [] };
    for (const container of probedContainers(pod)) record.workers.push(...this.#workersOf(record, container, kinds));
    if (record.workers.length === 0) return;
    this.#pods.set(uid, record);
    for (const worker of record.workers) this.#begin(worker, reported);
  }

  #workersOf(pod: ProbedPod, container: Container, kinds: readonly ProbeKind[]): ProbeWorker[] {
    return kinds.flatMap((kind) => {
      const probe = probeOf(container, kind);
      return probe ? [new ProbeWorker(this.#context, pod, kind, container, probe)] : [];
    });
  }

  /** Soon after its start a kubelet spreads the first probes of what runs already over their period. */
  #begin(worker: ProbeWorker, reported: PodStatus): void {
    const container = containerStatusOf(reported, worker.containerName);
    const id = container?.containerID;
    if (container?.state?.running && id) worker.adopt(id.slice(id.indexOf('://') + 3), verdictBefore(worker.kind, container, reported));
    const justStarted = worker.periodMs > this.#context.clock.monotonic() - this.#startMs;
    worker.start(justStarted ? this.#random() * worker.periodMs : 0);
  }
}

function probeOf({ livenessProbe, readinessProbe, startupProbe }: Container, kind: ProbeKind): Probe | undefined {
  return { liveness: livenessProbe, readiness: readinessProbe, startup: startupProbe }[kind];
}

/** Sidecars are probed too. */
function probedContainers({ spec }: Pod): Container[] {
  return [...spec.containers, ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')];
}

function awaitsReadiness(container: ContainerStatus | undefined): boolean {
  return container?.state?.running !== undefined && container.started === true && !container.ready;
}

/** What the last kubelet has found, as far as it was told. */
function verdictBefore(kind: ProbeKind, { ready, started }: ContainerStatus, { conditions }: PodStatus): ProbeVerdict | undefined {
  const podReady = conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  const good = { liveness: true, readiness: ready && podReady, startup: started === true }[kind];
  return good ? successful : undefined;
}
