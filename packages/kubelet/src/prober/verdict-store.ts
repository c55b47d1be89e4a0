import type { ProbeKind, ProbeResults, ProbeVerdict } from '../runtime/probe-results.ts';

/** Verdicts of all probes by container id. */
export class VerdictStore implements ProbeResults {
  readonly #verdicts: Record<ProbeKind, Map<string, ProbeVerdict>> = { liveness: new Map(), readiness: new Map(), startup: new Map() };

  get(kind: ProbeKind, containerId: string): ProbeVerdict | undefined {
    return this.#verdicts[kind].get(containerId);
  }

  /** Whether the result is another than before. */
  set(kind: ProbeKind, containerId: string, verdict: ProbeVerdict): boolean {
    const before = this.#verdicts[kind].get(containerId);
    this.#verdicts[kind].set(containerId, verdict);
    return before?.result !== verdict.result;
  }

  remove(kind: ProbeKind, containerId: string): void {
    this.#verdicts[kind].delete(containerId);
  }
}
