import { uidOf, type Container, type Pod } from '@podling/shared/api';
import { monotonicMoment, type Clock } from '@podling/shared/util';
import { KeyedBackOff } from '../back-off/keyed-back-off.ts';
import type { PodEvents } from '../pod-events.ts';
import { hashContainer } from './labels.ts';
import type { PodRuntimeStatus } from './runtime.ts';
import type { WaitingReasonCache } from './waiting-reasons.ts';

export interface CrashBackOffOptions {
  /** The longest pause. */
  maxMs: number;
  events: PodEvents;
  waiting: WaitingReasonCache;
  clock: Clock;
}

const initialMs = 10_000;
/** A container that has run for so long starts over. */
const quietMs = 600_000;

/**
 * How long a container must wait for its next run: the first restart is free, every further one waits since the last
 * end. A container whose definition has changed starts over. Upstream twin: kuberuntime `doBackOff`.
 */
export class CrashBackOff {
  readonly #options: CrashBackOffOptions;
  readonly #backOff: KeyedBackOff;
  /** When each container ended, `endedMs` by the monotonic clock, as it was first seen. */
  readonly #ends = new Map<string, { finishedAtMs: number; endedMs: number }>();

  constructor(options: CrashBackOffOptions) {
    this.#options = options;
    const { clock, maxMs } = options;
    this.#backOff = new KeyedBackOff({ clock, initialMs, maxMs, quietMs });
  }

  /** Until when on the monotonic clock it must wait, 0 = it may run now, which is then counted. Waiting is told to the user. */
  blockedUntil(pod: Pod, container: Container, status: PodRuntimeStatus): number {
    const { waiting } = this.#options;
    const ended = status.containers.find(({ metadata, state }) => metadata.name === container.name && state === 'CONTAINER_EXITED');
    if (ended === undefined) return 0;
    const key = `${uidOf(pod)}/container/${container.name}/${hashContainer(container)}`;
    const endedMs = this.#endOf(key, ended.finishedAtMs);
    const until = this.#backOff.blockedUntil(key, endedMs);
    if (until === 0) {
      this.#backOff.next(key, endedMs);
      return 0;
    }
    const owner = `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${uidOf(pod)})`;
    const message = `back-off ${durationText(this.#backOff.delayMs(key))} restarting failed container=${container.name} pod=${owner}`;
    const told = waiting.get(uidOf(pod)).get(container.name)?.message === message;
    if (!told) this.#options.events.container(pod, container, 'Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${owner}`);
    waiting.set(uidOf(pod), container.name, { reason: 'CrashLoopBackOff', message });
    return until;
  }

  forgetPod(uid: string): void {
    this.#backOff.forget(`${uid}/`);
    for (const key of this.#ends.keys()) if (key.startsWith(`${uid}/`)) this.#ends.delete(key);
  }

  /** The runtime tells the time of the wall clock, which may be set while the container waits. */
  #endOf(key: string, finishedAtMs: number): number {
    const known = this.#ends.get(key);
    if (known?.finishedAtMs === finishedAtMs) return known.endedMs;
    const endedMs = monotonicMoment(this.#options.clock, finishedAtMs);
    this.#ends.set(key, { finishedAtMs, endedMs });
    return endedMs;
  }
}

/** As Go writes durations: `10s`, `1m20s`, `5m0s`. */
function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
