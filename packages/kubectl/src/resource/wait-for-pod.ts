import { isExpired } from '@podling/shared/errors';
import type { Pod } from '@podling/shared/api';
import type { RestClient } from '@podling/shared/client';
import { CommandError } from '../errors.ts';
import { podPath } from './attachable-pod.ts';
import { watchEvents } from './watch.ts';

export interface PodWait {
  namespace: string;
  name: string;
  until: (pod: Pod) => boolean;
  /** Undefined: for ever. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** The pod when it is as wanted. Fails with NotFound when it is gone, and after the timeout. */
export async function waitForPod(rest: RestClient, { namespace, name, until, timeoutMs, signal: outer }: PodWait): Promise<Pod> {
  const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([timeout, outer].filter((one) => one !== undefined));
  try {
    for (;;) {
      const pod = await rest.request<Pod>({ path: podPath(namespace, name), signal });
      if (until(pod)) return pod;
      const seen = await firstSuch(rest, pod, until, signal);
      if (seen !== undefined) return seen;
    }
  } catch (error) {
    if (timeout?.aborted === true) throw new CommandError('timed out waiting for the condition', { cause: error });
    throw error;
  }
}

/** Undefined when the watch ended first, or the pod is gone: look again. */
async function firstSuch(rest: RestClient, { metadata }: Pod, until: (pod: Pod) => boolean, signal: AbortSignal): Promise<Pod | undefined> {
  const path = podPath(metadata.namespace ?? '', metadata.name).replace(/\/[^/]*$/, '');
  const query = { fieldSelector: `metadata.name=${metadata.name}`, resourceVersion: metadata.resourceVersion };
  try {
    for await (const { type, object } of watchEvents<Pod>(rest, { path, query, signal })) {
      if (type === 'DELETED') return undefined;
      if (until(object)) return object;
    }
  } catch (error) {
    if (!isExpired(error)) throw error;
  }
  return undefined;
}

export const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

export const isRunningAndReady = ({ status }: Pod): boolean =>
  status?.phase === 'Running' && status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
