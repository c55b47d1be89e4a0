/**
 * Tells which pods have changed in the runtime: by UID only, state is read at work time.
 *
 * Promises: every change is told, at the latest by the next relist; never that nothing was told in vain.
 * Called by the kubelet's composition root. Upstream twin: kubelet `pleg.PodLifecycleEventGenerator`.
 */
export interface Pleg {
  start(): void;
  stop(): Promise<void>;
}

export type PodChanged = (uid: string) => void;
