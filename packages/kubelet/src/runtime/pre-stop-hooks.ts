import type { Clock } from '@podling/shared/util';
import type { LifecycleHandler } from '@podling/shared/api';
import type { HandlerRunner, HandlerTarget } from '../lifecycle/handler-runner.ts';
import type { PodEvents } from '../pod-events.ts';
import { waitUntil } from './wait-until.ts';

export interface PreStopHooksOptions {
  hooks: HandlerRunner;
  events: PodEvents;
  clock: Clock;
}

interface Run {
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
    this.#runs.get(containerId)?.abort.abort(new Error('the container has ended'));
    this.#runs.delete(containerId);
  }

  stop(): void {
    for (const id of this.#runs.keys()) this.forget(id);
  }

  #run(target: HandlerTarget, handler: LifecycleHandler): Run {
    const abort = new AbortController();
    const run: Run = { abort, done: this.#hook(target, handler, abort.signal) };
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
