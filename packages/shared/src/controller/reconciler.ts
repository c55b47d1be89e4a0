/** What a reconciler wants next: nothing (`{}`), or to be called again after a time. */
export interface ReconcileResult {
  requeueAfterMs?: number;
}

/**
 * Brings the world to what the object named by `key` asks for. Called with keys only, one call at a time per key;
 * must be idempotent and read state when it runs. A throw is logged and retried with back-off; a `TerminalError`
 * is logged and not retried. Upstream twin: controller-runtime `Reconciler`.
 */
export interface Reconciler {
  readonly name: string;
  reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult>;
}

/** A failure that trying again cannot mend. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}
