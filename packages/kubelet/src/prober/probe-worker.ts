import type { CriRuntime } from '@podling/cri';
import type { Container, ContainerStatus, Pod, PodStatus, Probe } from '@podling/shared/api';
import { monotonicMoment, unlessAborted, type Clock, type Timer } from '@podling/shared/util';
import type { PodEvents } from '../pod-events.ts';
import { errorText } from '../runtime/error-text.ts';
import type { ProbeKind, ProbeVerdict } from '../runtime/probe-results.ts';
import type { ProbeMetrics } from './probe-metrics.ts';
import { probeOnce, ProbeTimeout, timeoutSecondsOf, type ProbeOutcome } from './prober.ts';
import type { VerdictStore } from './verdict-store.ts';

export interface ProbeWorkerContext {
  runtime: Pick<CriRuntime, 'execSync'>;
  events: PodEvents;
  clock: Clock;
  verdicts: VerdictStore;
  metrics: ProbeMetrics;
  statusOf: (uid: string) => PodStatus | undefined;
  /** The verdict on a container of that pod has changed. */
  onVerdict: (uid: string) => void;
}

/** A pod whose probes run; replaced as a whole when the pod changes. */
export interface ProbedPod {
  readonly uid: string;
  pod: Pod;
}

/** A probe that could not be made is tried so often in all. */
const tries = 3;
/** The runtime ends a command when its time is up; this is for one that does not. */
const execPatienceMs = 10_000;

const initialVerdicts: Record<ProbeKind, ProbeVerdict | undefined> = {
  liveness: { result: 'Success', message: '' },
  readiness: { result: 'Failure', message: '' },
  startup: undefined,
};

/**
 * Probes one container in one way, at `periodSeconds`; a probe that takes longer is followed by the next at once.
 *
 *     waits for a running container ──► initialDelaySeconds ──► (startup first) ──► probes ──(liveness failed, startup decided)──► on hold
 *       ▲                                                                                                                           │
 *       └───────────────────────────────────────────────── the container has another id ◄──────────────────────────────────────────┘
 *
 * Upstream twin: kubelet `prober.worker`.
 */
export class ProbeWorker {
  readonly kind: ProbeKind;
  readonly containerName: string;
  readonly #context: ProbeWorkerContext;
  readonly #target: ProbedPod;
  readonly #probe: Probe;
  readonly #periodMs: number;
  #containerId = '';
  /** When the container was started, by the monotonic clock. */
  #startedMs: number | undefined;
  #lastResult: ProbeVerdict['result'] | undefined;
  #resultRun = 0;
  #onHold = false;
  #nextMs = 0;
  #timer: Timer | undefined;
  /** The probe under way. */
  #attempt: AbortController | undefined;
  #stopped = false;

  constructor(context: ProbeWorkerContext, target: ProbedPod, kind: ProbeKind, container: Container, probe: Probe) {
    this.#context = context;
    this.#target = target;
    this.kind = kind;
    this.containerName = container.name;
    this.#probe = probe;
    this.#periodMs = (probe.periodSeconds || 10) * 1000;
  }

  get periodMs(): number {
    return this.#periodMs;
  }

  start(delayMs: number): void {
    this.#nextMs = this.#context.clock.monotonic() + delayMs;
    if (delayMs === 0) this.#tick();
    else this.#wait();
  }

  /** What was reported of the container before this kubelet: a verdict on it goes on until the next. */
  adopt(containerId: string, verdict: ProbeVerdict | undefined): void {
    this.#containerId = containerId;
    if (verdict) this.#context.verdicts.set(this.kind, containerId, verdict);
  }

  /** Probes now, unless it does already; the period counts from here. */
  trigger(): void {
    if (this.#stopped || this.#attempt) return;
    this.#timer?.cancel();
    this.#nextMs = this.#context.clock.monotonic();
    this.#tick();
  }

  /** No verdict changes any more; what was decided stays until `forget`. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#attempt?.abort(new Error('the probe is stopped'));
  }

  forget(): void {
    this.stop();
    this.#context.verdicts.remove(this.kind, this.#containerId);
    this.#context.metrics.forget(this.#target.uid, this.containerName, this.kind);
  }

  /** Ends the probing with a verdict under which nothing happens. */
  settle(): void {
    this.stop();
    if (this.#containerId !== '') this.#context.verdicts.set(this.kind, this.#containerId, { result: 'Success', message: '' });
  }

  readonly #tick = (): void => {
    const due = this.#due();
    if (due) void this.#run(due);
    else this.#wait();
  };

  #wait(): void {
    if (this.#stopped) return;
    const { clock } = this.#context;
    const now = clock.monotonic();
    if (this.#nextMs <= now) this.#nextMs += Math.ceil((now - this.#nextMs + 1) / this.#periodMs) * this.#periodMs;
    this.#timer = clock.setTimeout(this.#tick, this.#nextMs - now);
  }

  /** The container to probe now, if there is one. */
  #due(): { container: Container; podIP: string } | undefined {
    const { statusOf, clock } = this.#context;
    const status = statusOf(this.#target.uid);
    const known = status && containerStatusOf(status, this.containerName);
    if (status === undefined || known?.containerID === undefined || known.containerID === '') return undefined;
    this.#meet(known.containerID.slice(known.containerID.indexOf('://') + 3));
    const startedAt = known.state?.running?.startedAt;
    const container = this.#container();
    if (this.#onHold || typeof startedAt !== 'string' || container === undefined) return undefined;
    this.#startedMs ??= monotonicMoment(clock, Date.parse(startedAt));
    if (Math.trunc((clock.monotonic() - this.#startedMs) / 1000) < (this.#probe.initialDelaySeconds ?? 0)) return undefined;
    if (this.#isStarted(container) === (this.kind === 'startup')) return undefined;
    return { container, podIP: status.podIP ?? '' };
  }

  #container(): Container | undefined {
    const { spec } = this.#target.pod;
    return [...spec.containers, ...(spec.initContainers ?? [])].find(({ name }) => name === this.containerName);
  }

  /** Startup comes before the other two. */
  #isStarted({ startupProbe }: Container): boolean {
    return startupProbe === undefined || this.#context.verdicts.get('startup', this.#containerId)?.result === 'Success';
  }

  /** A new container begins with the initial verdict. */
  #meet(containerId: string): void {
    if (this.#containerId === containerId) return;
    const { verdicts } = this.#context;
    if (this.#containerId !== '') verdicts.remove(this.kind, this.#containerId);
    this.#containerId = containerId;
    this.#startedMs = undefined;
    this.#onHold = false;
    const initial = initialVerdicts[this.kind];
    if (initial) verdicts.set(this.kind, containerId, initial);
  }

  async #run({ container, podIP }: { container: Container; podIP: string }): Promise<void> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    const id = this.#containerId;
    const { clock, metrics } = this.#context;
    const startedMs = clock.monotonic();
    try {
      const outcome = await this.#probeWithRetries(container, podIP, attempt);
      if (!this.#stopped) {
        metrics.observe(this.#target.pod, this.containerName, this.kind, outcome.result !== 'Failure', (clock.monotonic() - startedMs) / 1_000);
        this.#note(outcome, id, container);
      }
    } catch (error) {
      if (!this.#stopped) this.#tell(container, 'Unhealthy', `probe errored and resulted in unknown state: ${errorText(error)}`);
    } finally {
      this.#attempt = undefined;
    }
    if (this.#stopped) return;
    if (this.#nextMs + this.#periodMs > clock.monotonic()) return this.#wait();
    this.#nextMs = clock.monotonic();
    this.#timer = clock.setTimeout(this.#tick, 0);
  }

  async #probeWithRetries(container: Container, podIP: string, attempt: AbortController): Promise<ProbeOutcome> {
    for (let left = tries - 1; ; left -= 1) {
      try {
        return await this.#probeInTime(container, podIP, attempt);
      } catch (error) {
        if (left === 0 || attempt.signal.aborted) throw error;
      }
    }
  }

  async #probeInTime(container: Container, podIP: string, attempt: AbortController): Promise<ProbeOutcome> {
    const { clock, runtime } = this.#context;
    const patienceMs = this.#probe.exec ? execPatienceMs : 0;
    const timer = clock.setTimeout(() => attempt.abort(new ProbeTimeout('timed out')), timeoutSecondsOf(this.#probe) * 1000 + patienceMs);
    const target = { pod: this.#target.pod, container, containerId: this.#containerId, probe: this.#probe, podIP };
    try {
      const outcome = probeOnce(runtime, target, attempt.signal);
      return await (this.#probe.exec ? unlessAborted(outcome, attempt.signal) : outcome);
    } finally {
      timer.cancel();
    }
  }

  /** Counts the outcome; at its threshold it becomes the verdict. */
  #note({ result: seen, message }: ProbeOutcome, id: string, container: Container): void {
    if (seen === 'Warning') this.#tell(container, 'ProbeWarning', `probe warning: ${message}`);
    if (seen === 'Failure') this.#tell(container, 'Unhealthy', `probe failed: ${message}`);
    const result = seen === 'Failure' ? 'Failure' : 'Success';
    this.#resultRun = this.#lastResult === result ? this.#resultRun + 1 : 1;
    this.#lastResult = result;
    const { failureThreshold, successThreshold } = this.#probe;
    const threshold = result === 'Failure' ? failureThreshold || 3 : successThreshold || 1;
    if (this.#resultRun < threshold || id !== this.#containerId) return;
    if (this.kind === 'startup' || (this.kind === 'liveness' && result === 'Failure')) {
      this.#onHold = true;
      this.#resultRun = 0;
    }
    const { verdicts, onVerdict } = this.#context;
    if (verdicts.set(this.kind, id, { result, message })) onVerdict(this.#target.uid);
  }

  #tell(container: Container, reason: string, message: string): void {
    const kind = `${this.kind.charAt(0).toUpperCase()}${this.kind.slice(1)}`;
    this.#context.events.container(this.#target.pod, container, 'Warning', reason, `${kind} ${message}`);
  }
}

export function containerStatusOf(status: PodStatus, name: string): ContainerStatus | undefined {
  const ofThatName = (candidate: ContainerStatus): boolean => candidate.name === name;
  return status.containerStatuses?.find(ofThatName) ?? status.initContainerStatuses?.find(ofThatName);
}
