import { ApiStatusError, isForbidden, isNotFound } from '@podling/shared/errors';
import type { Pod } from '@podling/shared/api';
import type { RestClient } from '@podling/shared/client';
import { formatDurationMs } from '@podling/shared/util';
import type { Clock, Timer } from '@podling/shared/util';
import type { Io } from '../../io.ts';
import type { PrintResult } from '../../printers/result-printer.ts';
import type { AnyObject } from '../../resource/object.ts';
import { resourcePath } from '../../resource/rest-mapping.ts';
import type { RestMapping } from '../../resource/rest-mapping.ts';
import { waitGone } from '../../resource/wait-until.ts';
import type { DryRun } from '../../writing.ts';

export interface EndPodsOptions {
  io: Io;
  rest: RestClient;
  clock: Clock;
  pods: RestMapping;
  print: PrintResult;
  dryRun: DryRun;
  /** Below 0 the pod decides. */
  gracePeriodSeconds: number;
  /** 0: as long as it takes. */
  timeoutMs: number;
  skipWaitForDeleteSeconds: number;
}

const retryDelayMs = 5_000;

/** `pods/"web" -n "default"` */
const placed = ({ metadata: { name, namespace } }: Pod): string => `pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)}`;
/** Its namespace goes: so will the pod. */
function isOutOfPlace(error: unknown): boolean {
  return error instanceof ApiStatusError && isForbidden(error) && error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true;
}
const isTooMany = (error: unknown): boolean => error instanceof ApiStatusError && error.reason === 'TooManyRequests';

/** Ends pods and waits until they are gone. */
export class EndPods {
  readonly #options: EndPodsOptions;

  constructor(options: EndPodsOptions) {
    this.#options = options;
  }

  /** All at once; each is asked for again until its budget allows it. Answers what failed. */
  async evict(pods: readonly Pod[]): Promise<string[]> {
    return this.#within(async (signal) => {
      const failures = await Promise.all(pods.map((pod) => this.#evictToTheEnd(pod, signal)));
      return failures.filter((failure) => failure !== undefined);
    });
  }

  /** For a server without evictions, or against all budgets. Answers what failed. */
  async delete(pods: readonly Pod[]): Promise<string[]> {
    return this.#within(async (signal) => {
      try {
        for (const pod of pods) await this.#deleteOne(pod);
        if (this.#options.dryRun === 'none') await Promise.all(pods.map((pod) => this.#awaitEnd(pod, signal, 'deleted')));
        return [];
      } catch (error) {
        return [signal.aborted ? 'context deadline exceeded' : (error as Error).message];
      }
    });
  }

  async #within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#options;
    const over = new AbortController();
    const timer = timeoutMs > 0 ? clock.setTimeout(() => over.abort(), timeoutMs) : undefined;
    try {
      return await work(over.signal);
    } finally {
      timer?.cancel();
    }
  }

  async #evictToTheEnd(pod: Pod, signal: AbortSignal): Promise<string | undefined> {
    const { dryRun } = this.#options;
    try {
      if (!(await this.#evictUntilTaken(pod, signal)) || dryRun === 'server') return undefined;
    } catch (error) {
      return `error when evicting ${placed(pod)}: ${(error as Error).message}`;
    }
    try {
      await this.#awaitEnd(pod, signal, 'evicted');
      return undefined;
    } catch (error) {
      const why = signal.aborted ? 'context deadline exceeded' : (error as Error).message;
      return `error when waiting for pod ${JSON.stringify(pod.metadata.name)} in namespace ${JSON.stringify(pod.metadata.namespace)} to terminate: ${why}`;
    }
  }

  /** False when the pod is gone already. */
  async #evictUntilTaken(pod: Pod, signal: AbortSignal): Promise<boolean> {
    const { io, dryRun, timeoutMs } = this.#options;
    const { name, namespace } = pod.metadata;
    for (let active = pod; ; active = await this.#fresh(active)) {
      io.out(`evicting pod ${namespace}/${name}${dryRun === 'server' ? ' (server dry run)' : ''}\n`);
      if (signal.aborted) throw new Error(`global timeout reached: ${formatDurationMs(timeoutMs)}`);
      try {
        await this.#evictOnce(active);
        return true;
      } catch (error) {
        if (isNotFound(error)) return false;
        if (isOutOfPlace(error) && active.metadata.deletionTimestamp !== undefined) return true;
        await this.#pauseAfter(error, active, signal);
      }
    }
  }

  async #evictOnce({ metadata: { name, namespace } }: Pod): Promise<void> {
    const { rest, pods } = this.#options;
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions: this.#deleteOptions() };
    await rest.request({ method: 'POST', path: resourcePath(pods, { namespace, name, subresource: 'eviction' }), body });
  }

  /** Throws what asking again cannot mend. */
  async #pauseAfter(error: unknown, pod: Pod, signal: AbortSignal): Promise<void> {
    const { io, clock } = this.#options;
    const { name, namespace } = pod.metadata;
    if (!isTooMany(error) && !isOutOfPlace(error)) throw error;
    const what = isTooMany(error) ? placed(pod) : `pod ${JSON.stringify(name)} from terminating namespace ${JSON.stringify(namespace)}`;
    io.err(`error when evicting ${what} (will retry after ${formatDurationMs(retryDelayMs)}): ${(error as Error).message}\n`);
    await clock.sleep(retryDelayMs, signal).catch(() => undefined);
  }

  async #fresh(pod: Pod): Promise<Pod> {
    const { rest, pods } = this.#options;
    const { name, namespace } = pod.metadata;
    // What is wrong with it shows when it is evicted.
    return rest.request<Pod>({ path: resourcePath(pods, { namespace, name }) }).catch(() => pod);
  }

  async #deleteOne({ metadata: { name, namespace } }: Pod): Promise<void> {
    const { rest, pods } = this.#options;
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...this.#deleteOptions() };
    await rest.request({ method: 'DELETE', path: resourcePath(pods, { namespace, name }), body }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  #deleteOptions(): object {
    const { gracePeriodSeconds, dryRun } = this.#options;
    return { ...(gracePeriodSeconds >= 0 && { gracePeriodSeconds }), ...(dryRun === 'server' && { dryRun: ['All'] }) };
  }

  async #awaitEnd(pod: Pod, signal: AbortSignal, done: 'evicted' | 'deleted'): Promise<void> {
    const { io, rest, pods, print, skipWaitForDeleteSeconds } = this.#options;
    const { name, namespace, uid } = pod.metadata;
    const printed = { ...pod, apiVersion: 'v1', kind: 'Pod' } as unknown as AnyObject;
    const patience = await this.#patience(pod);
    try {
      await waitGone(rest, { mapping: pods, namespace, name }, uid, AbortSignal.any([signal, patience.over]));
    } catch (error) {
      if (patience.over.aborted && !signal.aborted) {
        io.out(`pod ${JSON.stringify(name)} has DeletionTimestamp older than ${skipWaitForDeleteSeconds} seconds, skipping\n`);
        return;
      }
      await print(printed, done === 'evicted' ? 'eviction failed' : 'deletion failed');
      throw error;
    } finally {
      patience.timer?.cancel();
    }
    await print(printed, done);
  }

  /** Over when the pod should have been gone for so long that it is not waited for. */
  async #patience(pod: Pod): Promise<{ over: AbortSignal; timer?: Timer }> {
    const { clock, skipWaitForDeleteSeconds } = this.#options;
    const end = new AbortController();
    const { deletionTimestamp } = skipWaitForDeleteSeconds > 0 ? (await this.#fresh(pod)).metadata : {};
    if (deletionTimestamp === undefined) return { over: end.signal };
    const leftMs = Date.parse(deletionTimestamp) + skipWaitForDeleteSeconds * 1000 - clock.now();
    return { over: end.signal, timer: clock.setTimeout(() => end.abort(), leftMs) };
  }
}
