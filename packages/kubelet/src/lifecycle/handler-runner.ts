import type { Container, LifecycleHandler, Pod } from '@podling/shared/api';

/** The running container that a hook belongs to. */
export interface HandlerTarget {
  pod: Pod;
  container: Container;
  containerId: string;
  /** Where httpGet and tcpSocket go unless they name a host. */
  podIP: string;
}

/** A hook that failed; the message is what the user reads in the Event. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';
}

/** Runs postStart and preStop. Upstream twin: kubelet `lifecycle.HandlerRunner`. */
export interface HandlerRunner {
  /** Resolves when the hook has succeeded; fails with `HandlerError`. Ends early when `signal` aborts. */
  run(target: HandlerTarget, handler: LifecycleHandler, signal: AbortSignal): Promise<void>;
}
