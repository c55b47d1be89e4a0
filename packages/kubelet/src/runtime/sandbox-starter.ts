import { CriError, type CriRuntime, type PodSandboxConfig } from '@podling/cri';
import { uidOf, type Pod } from '@podling/shared/api';
import type { KeyedBackOff } from '../back-off/keyed-back-off.ts';
import type { PodEvents } from '../pod-events.ts';
import { dnsProblems, type DnsContext } from './dns.ts';

export interface SandboxStarterOptions {
  runtime: CriRuntime;
  events: PodEvents;
  failureBackOff: KeyedBackOff;
  dns: DnsContext;
  /** Why pods cannot get a network now, or undefined. */
  networkProblem: () => string | undefined;
}

export type SandboxOutcome = { sandboxId: string } | { retryAtMs: number };

/** Starts pod sandboxes; a failure is an Event and a later retry, an outage of the runtime is thrown. */
export class SandboxStarter {
  readonly #options: SandboxStarterOptions;

  constructor(options: SandboxStarterOptions) {
    this.#options = options;
  }

  async start(pod: Pod, config: PodSandboxConfig): Promise<SandboxOutcome> {
    const { runtime, failureBackOff, networkProblem } = this.#options;
    const key = `${uidOf(pod)}/sandbox`;
    const blockedUntil = failureBackOff.blockedUntil(key);
    if (blockedUntil > 0) return { retryAtMs: blockedUntil };
    const refused = unsupported(pod);
    if (refused !== undefined) return this.#failed(pod, key, 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${refused} is not supported yet`);
    const problem = networkProblem();
    if (problem !== undefined) return this.#failed(pod, key, 'NetworkNotReady', `network is not ready: ${problem}`);
    for (const { reason, message } of dnsProblems(pod, this.#options.dns)) this.#options.events.pod(pod, 'Warning', reason, message);
    try {
      const sandboxId = await runtime.runPodSandbox(config);
      failureBackOff.reset(key);
      return { sandboxId };
    } catch (error) {
      if (error instanceof CriError && error.code === 'Unavailable') throw error;
      const message = error instanceof Error ? error.message : String(error);
      return this.#failed(pod, key, 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${message}`);
    }
  }

  #failed(pod: Pod, key: string, reason: string, message: string): SandboxOutcome {
    this.#options.events.pod(pod, 'Warning', reason, message);
    this.#options.failureBackOff.next(key);
    return { retryAtMs: this.#options.failureBackOff.blockedUntil(key) };
  }
}

/** What a pod cannot be given yet: better not started than started with less than was asked for. */
function unsupported({ spec }: Pod): string | undefined {
  return (['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const).find((field) => spec[field] === true);
}
