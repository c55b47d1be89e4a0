import { uidOf } from '@podling/shared/api';
import type { Pod } from '@podling/shared/api';
import type { Clock, Timer } from '@podling/shared/util';
import type { ClusterEvent } from '../framework/framework.ts';
import { Heap } from './heap.ts';

/** A pod that waits for a node. */
export interface QueuedPod {
  readonly uid: string;
  pod: Pod;
  /** Order among pods of one priority. */
  readonly serial: number;
  attempts: number;
  /** When its next attempt may begin at the earliest. */
  notBeforeMs: number;
  /** The plugins that refused it last time. */
  refusedBy: ReadonlySet<string>;
}

interface Unschedulable {
  queued: QueuedPod;
  sinceMs: number;
}

export interface SchedulingQueueOptions {
  clock: Clock;
  mayHelp(event: ClusterEvent, refusedBy: ReadonlySet<string>): boolean;
  initialBackoffMs?: number;
  maxBackoffMs?: number;
  /** How long a pod is left unschedulable before it is tried again without any event. */
  maxUnschedulableMs?: number;
}

/**
 * Pods without a node, by what they wait for.
 *
 *   add ─► active ──pop──► (in a cycle) ──unschedulable──► unschedulable
 *            ▲                  └─────────retry──► backoff      │
 *            ├──────── back-off over ────────────────┘  ▲       │
 *            └────────── helpful event, or after 5 minutes ◄────┘
 *
 * Active pods come out by priority, then by age. The back-off is 1 s, doubling with each attempt, at most 10 s.
 * Timers run only while something waits for them. Upstream twin: scheduler `PriorityQueue`.
 */
export class SchedulingQueue {
  readonly #options: Required<SchedulingQueueOptions>;
  readonly #active = new Heap<QueuedPod>(({ uid }) => uid, goesFirst);
  readonly #backoff = new Heap<QueuedPod>(({ uid }) => uid, (a, b) => a.notBeforeMs < b.notBeforeMs);
  readonly #unschedulable = new Map<string, Unschedulable>();
  readonly #getters: ((queued: QueuedPod | undefined) => void)[] = [];
  #backoffTimer: Timer | undefined;
  #flushTimer: Timer | undefined;
  #serial = 0;
  #closed = false;

  constructor(options: SchedulingQueueOptions) {
    this.#options = { initialBackoffMs: 1_000, maxBackoffMs: 10_000, maxUnschedulableMs: 300_000, ...options };
  }

  /** How many pods wait where. */
  get depth(): { active: number; backoff: number; unschedulable: number } {
    return { active: this.#active.size, backoff: this.#backoff.size, unschedulable: this.#unschedulable.size };
  }

  /** A new pod, or one that a user changed: it is tried at once unless it backs off. */
  add(pod: Pod): void {
    const uid = uidOf(pod);
    const known = this.#find(uid);
    if (known === undefined) {
      this.#activate({ uid, pod, serial: (this.#serial += 1), attempts: 0, notBeforeMs: 0, refusedBy: new Set() });
      return;
    }
    known.pod = pod;
    if (this.#unschedulable.has(uid)) this.#move(known);
  }

  /** Keeps the newest state of a waiting pod without moving it. False when it does not wait here. */
  refresh(pod: Pod): boolean {
    const known = this.#find(uidOf(pod));
    if (known !== undefined) known.pod = pod;
    return known !== undefined;
  }

  delete(uid: string): void {
    this.#active.delete(uid);
    this.#backoff.delete(uid);
    this.#unschedulable.delete(uid);
  }

  /** Waits for the next pod. Resolves to undefined once the queue is closed. */
  pop(): Promise<QueuedPod | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const queued = this.#active.pop();
    if (queued !== undefined) return Promise.resolve(begin(queued));
    return new Promise((resolve) => this.#getters.push(resolve));
  }

  /** The pod fitted nowhere: it waits for an event that may help. */
  setUnschedulable(queued: QueuedPod, refusedBy: ReadonlySet<string>): void {
    const sinceMs = this.#options.clock.monotonic();
    queued.refusedBy = refusedBy;
    queued.notBeforeMs = sinceMs + this.#backoffMs(queued);
    this.#unschedulable.set(queued.uid, { queued, sinceMs });
    this.#armFlush();
  }

  /** The attempt failed for a reason that is not the cluster's: again after the back-off. */
  retry(queued: QueuedPod): void {
    queued.notBeforeMs = this.#options.clock.monotonic() + this.#backoffMs(queued);
    this.#move(queued);
  }

  /** Something changed: pods that it may help are tried again, after what is left of their back-off. */
  moveAll(event: ClusterEvent): void {
    for (const { queued } of this.#unschedulable.values()) {
      if (this.#options.mayHelp(event, queued.refusedBy)) this.#move(queued);
    }
  }

  close(): void {
    this.#closed = true;
    this.#backoffTimer?.cancel();
    this.#flushTimer?.cancel();
    for (const resolve of this.#getters.splice(0)) resolve(undefined);
  }

  #find(uid: string): QueuedPod | undefined {
    return this.#active.get(uid) ?? this.#backoff.get(uid) ?? this.#unschedulable.get(uid)?.queued;
  }

  #move(queued: QueuedPod): void {
    this.#unschedulable.delete(queued.uid);
    if (queued.notBeforeMs <= this.#options.clock.monotonic()) {
      this.#activate(queued);
      return;
    }
    this.#backoff.push(queued);
    this.#armBackoff();
  }

  #activate(queued: QueuedPod): void {
    const getter = this.#getters.shift();
    if (getter === undefined) this.#active.push(queued);
    else getter(begin(queued));
  }

  #backoffMs({ attempts }: QueuedPod): number {
    const { initialBackoffMs, maxBackoffMs } = this.#options;
    return Math.min(initialBackoffMs * 2 ** Math.max(attempts - 1, 0), maxBackoffMs);
  }

  #armBackoff(): void {
    const next = this.#backoff.peek();
    this.#backoffTimer?.cancel();
    this.#backoffTimer = undefined;
    if (next === undefined || this.#closed) return;
    this.#backoffTimer = this.#options.clock.setTimeout(() => this.#flushBackoff(), next.notBeforeMs - this.#options.clock.monotonic());
  }

  #flushBackoff(): void {
    const nowMs = this.#options.clock.monotonic();
    for (let next = this.#backoff.peek(); next !== undefined && next.notBeforeMs <= nowMs; next = this.#backoff.peek()) {
      this.#backoff.pop();
      this.#activate(next);
    }
    this.#armBackoff();
  }

  /** One timer for the pod that has been unschedulable longest; a Map keeps them in that order. */
  #armFlush(): void {
    const oldest = this.#unschedulable.values().next().value;
    if (oldest === undefined || this.#flushTimer !== undefined || this.#closed) return;
    const dueMs = oldest.sinceMs + this.#options.maxUnschedulableMs;
    this.#flushTimer = this.#options.clock.setTimeout(() => this.#flushUnschedulable(), dueMs - this.#options.clock.monotonic());
  }

  #flushUnschedulable(): void {
    this.#flushTimer = undefined;
    const dueMs = this.#options.clock.monotonic() - this.#options.maxUnschedulableMs;
    for (const { queued, sinceMs } of this.#unschedulable.values()) if (sinceMs <= dueMs) this.#move(queued);
    this.#armFlush();
  }
}

function begin(queued: QueuedPod): QueuedPod {
  queued.attempts += 1;
  return queued;
}

function goesFirst(a: QueuedPod, b: QueuedPod): boolean {
  const priorityOf = ({ pod }: QueuedPod): number => pod.spec.priority ?? 0;
  return priorityOf(a) === priorityOf(b) ? a.serial < b.serial : priorityOf(a) > priorityOf(b);
}
