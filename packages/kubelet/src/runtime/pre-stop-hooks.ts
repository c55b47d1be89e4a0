import type { Clock } from '@podling/shared/util';
import { uidOf, type LifecycleHandler } from '@podling/shared/api';
import type { HandlerRunner, HandlerTarget } from '../lifecycle/handler-runner.ts';
import type { PodEvents } from '../pod-events.ts';
import { waitUntil } from './wait-until.ts';

export interface PreStopHooksOptions {
  hooks: HandlerRunner;
  events: PodEvents;
  clock: Clock;
}

interface Run {
  podUid: string;
  done: Promise<void>;
  abort: AbortController;
}

/** Runs each container's preStop hook once, also when its end is asked for again with a shorter grace period. */
export class PreStopHooks {
  readonly #options: PreStopHooksOptions;
  readonly #runs = new Map<string, Run>();

  constructor(options: PreStopHooksOptions) {
    this.#options = options;
  }

  /** Resolves when the hook is over, however it went, or at the deadline; an abort of `signal` is thrown. */
  async wait(target: HandlerTarget, handler: LifecycleHandler, deadlineMs: number, signal?: AbortSignal): Promise<void> {
    const { done } = this.#runs.get(target.containerId) ?? this.#run(target, handler);
    await waitUntil(this.#options.clock, done, deadlineMs, signal);
  }

  /** The container has ended, its hook with it. */
  forget(containerId: string): void {
    this.#end(containerId, 'the container has ended');
  }

  /** Nothing is left of the pod: containers that ended while nobody waited for them are forgotten here. */
  forgetPod(uid: string): void {
    for (const [id, { podUid }] of this.#runs) if (podUid === uid) this.#end(id, 'nothing is left of the pod');
  }

  stop(): void {
    for (const id of this.#runs.keys()) this.#end(id, 'the kubelet stops');
  }

  #end(containerId: string, why: string): void {
    this.#runs.get(containerId)?.abort.abort(new Error(why));
    this.#runs.delete(containerId);
  }

  #run(target: HandlerTarget, handler: LifecycleHandler): Run {
    const abort = new AbortController();
    const run: Run = { podUid: uidOf(target.pod), abort, done: this.#hook(target, handler, abort.signal) };
    this.#runs.set(target.containerId, run);
    return run;
  }

  /** What the hook says is not told: it may hold secrets. */
  async #hook(target: HandlerTarget, handler: LifecycleHandler, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.hooks.run(target, handler, signal);
    } catch {
      if (!signal.aborted) this.#options.events.container(target.pod, target.container, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
    }
  }
}
