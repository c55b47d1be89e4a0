export interface Silence {
  sinceMs: number;
  /** How long new requests wait at most for a sign of life. */
  holdMs: number;
}

/**
 * What a client knows about the way to its server. Its watches tell: they are pinged, ordinary requests are not.
 *
 * Promises: when a watch finds the link silent, every request under way fails at once and every connection is closed,
 * since none of them may ever be answered; from then on new requests wait (within their own timeout) until the link
 * shows life, so that callers neither pile up connections into the void nor grow their back-off, and all go out in the
 * moment the link is back. If no watch tries any more, the waiting ends by itself after `holdMs`.
 * Upstream twin: the HTTP/2 health check of client-go, after which all streams of the connection fail.
 */
export class ServerLink {
  readonly #closeConnections: () => void;
  readonly #underWay = new Set<AbortController>();
  readonly #held = new Set<AbortController>();
  #waiting: PromiseWithResolvers<void> | undefined;
  #holdTimer: NodeJS.Timeout | undefined;
  #silentAtMs = -1;
  #isProvenSince = false;

  constructor(closeConnections: () => void) {
    this.#closeConnections = closeConnections;
  }

  /** Something has arrived from the server. */
  alive(): void {
    this.#isProvenSince = true;
    if (this.#waiting !== undefined) this.#release();
  }

  /**
   * Nothing has arrived at a watch since `sinceMs` (of `performance.now()`), or nobody can be reached. Of several watches
   * that die of the same silence, the later ones are no news once the link has shown life again.
   */
  silent(error: Error, { sinceMs, holdMs }: Silence): void {
    if (this.#isProvenSince && sinceMs < this.#silentAtMs) return;
    this.#silentAtMs = performance.now();
    this.#isProvenSince = false;
    this.#waiting ??= Promise.withResolvers();
    clearTimeout(this.#holdTimer);
    this.#holdTimer = setTimeout(() => this.#release(), holdMs);
    this.#end(this.#underWay, error);
  }

  /** Waits while the link is silent. From then on until `leave`, `request` is aborted when it falls silent. */
  async enter(request: AbortController): Promise<void> {
    this.#held.add(request);
    try {
      while (this.#waiting !== undefined) await settledOrAborted(this.#waiting.promise, request.signal);
      request.signal.throwIfAborted();
      this.#underWay.add(request);
    } finally {
      this.#held.delete(request);
    }
  }

  leave(request: AbortController): void {
    this.#underWay.delete(request);
  }

  /** Ends all requests and connections. The link stays usable. */
  close(error: Error): void {
    this.#end(this.#held.union(this.#underWay), error);
    this.#release();
  }

  #release(): void {
    clearTimeout(this.#holdTimer);
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #end(requests: Iterable<AbortController>, error: Error): void {
    for (const request of requests) request.abort(error);
    this.#closeConnections();
  }
}

function settledOrAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void promise.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
