import { isExpired, isNotFound } from '@podling/shared/errors';
import type { RestClient } from '@podling/shared/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from './builder.ts';
import type { AnyObject } from './object.ts';
import { resourcePath } from './rest-mapping.ts';
import { watchEvents } from './watch.ts';

const REWATCH_DELAY_MS = 200;

/** True when the object is as wanted; undefined stands for one that does not exist. */
export type Wanted = (object: AnyObject | undefined) => boolean;

async function live(rest: RestClient, target: Target, signal: AbortSignal): Promise<AnyObject | undefined> {
  try {
    return await rest.request<AnyObject>({ path: resourcePath(target.mapping, target), signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function sawWanted(rest: RestClient, target: Target, resourceVersion: string | undefined, wanted: Wanted, signal: AbortSignal): Promise<boolean> {
  const path = resourcePath(target.mapping, { namespace: target.namespace });
  const query = { fieldSelector: `metadata.name=${target.name}`, resourceVersion };
  try {
    for await (const { type, object } of watchEvents<AnyObject>(rest, { path, query, signal })) {
      if (wanted(type === 'DELETED' ? undefined : object)) return true;
    }
  } catch (error) {
    if (!isExpired(error)) throw error;
  }
  return false;
}

/** Resolves when the object is as wanted, at once if it is; rejects when `signal` is aborted. */
export async function waitUntil(rest: RestClient, target: Target, wanted: Wanted, signal: AbortSignal): Promise<void> {
  for (;;) {
    const object = await live(rest, target, signal);
    if (wanted(object)) return;
    if (await sawWanted(rest, target, object?.metadata?.resourceVersion, wanted, signal)) return;
    await sleep(REWATCH_DELAY_MS, undefined, { signal });
  }
}

/** Resolves when the object with this uid is no longer stored; one of the same name made since does not count. */
export function waitGone(rest: RestClient, target: Target, uid: string | undefined, signal: AbortSignal): Promise<void> {
  return waitUntil(rest, target, (object) => object === undefined || (uid !== undefined && object.metadata?.uid !== uid), signal);
}
