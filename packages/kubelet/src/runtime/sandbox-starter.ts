import { CriError, type CriRuntime, type PodSandboxConfig } from '@podling/cri';
import { uidOf, type Pod } from '@podling/shared/api';
import type { KeyedBackOff } from '../back-off/keyed-back-off.ts';
import type { RuntimeClasses } from '../objects/runtime-classes.ts';
import type { PodEvents } from '../pod-events.ts';
import { dnsProblems, type DnsContext } from './dns.ts';

export interface SandboxStarterOptions {
  runtime: CriRuntime;
  events: PodEvents;
  failureBackOff: KeyedBackOff;
  dns: DnsContext;
  runtimeClasses: Pick<RuntimeClasses, 'handler'>;
  /** Why pods cannot get a network now, or undefined. */
  networkProblem: () => string | undefined;
}

export type SandboxOutcome = { sandboxId: string } | { retryAtMs: number };

/** What pods can be run with: the runtime's own choice, and its name. */
const handlers = new Set(['', 'runc']);
/** What the kernel has room for as the name of a host. */
const maxHostname = 64;

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
    const problem = pod.spec.hostNetwork ? undefined : networkProblem();
    if (problem !== undefined) return this.#failed(pod, key, 'NetworkNotReady', `network is not ready: ${problem}`);
    for (const { reason, message } of dnsProblems(pod, this.#options.dns)) this.#options.events.pod(pod, 'Warning', reason, message);
    try {
      await this.#check(pod, config);
      const sandboxId = await runtime.runPodSandbox(config);
      failureBackOff.reset(key);
      return { sandboxId };
    } catch (error) {
      if (error instanceof CriError && error.code === 'Unavailable') throw error;
      const message = error instanceof Error ? error.message : String(error);
      return this.#failed(pod, key, 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${message}`);
    }
  }

  /** Throws for what this node cannot give. */
  async #check({ spec }: Pod, { hostname }: PodSandboxConfig): Promise<void> {
    if (spec.hostUsers === false) throw new Error("can't set `spec.hostUsers: false`, runtime does not support user namespaces");
    if (hostname.length > maxHostname) {
      throw new Error(`failed to construct FQDN from pod hostname and cluster domain, FQDN ${hostname} is too long (${maxHostname} characters is the max, ${hostname.length} characters requested)`);
    }
    const handler = await this.#options.runtimeClasses.handler(spec.runtimeClassName);
    if (!handlers.has(handler)) throw new Error(`failed to get sandbox runtime: no runtime for "${handler}" is configured`);
  }

  #failed(pod: Pod, key: string, reason: string, message: string): SandboxOutcome {
    this.#options.events.pod(pod, 'Warning', reason, message);
    this.#options.failureBackOff.next(key);
    return { retryAtMs: this.#options.failureBackOff.blockedUntil(key) };
  }
}
