import { isExpired, isNotFound } from '@podling/shared/api';
import type { RestClient } from '@podling/shared/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyObject } from './object.ts';
import type { Target } from './builder.ts';
import { resourcePath } from './rest-mapping.ts';
import { watchEvents } from './watch.ts';

const REWATCH_DELAY_MS = 200;

async function live(rest: RestClient, target: Target, signal: AbortSignal): Promise<AnyObject | undefined> {
  try {
    return await rest.request<AnyObject>({ path: resourcePath(target.mapping, target), signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function sawDeletion(rest: RestClient, target: Target, resourceVersion: string | undefined, signal: AbortSignal): Promise<boolean> {
  const path = resourcePath(target.mapping, { namespace: target.namespace });
  const query = { fieldSelector: `metadata.name=${target.name}`, resourceVersion };
  try {
    for await (const { type } of watchEvents<AnyObject>(rest, { path, query, signal })) if (type === 'DELETED') return true;
  } catch (error) {
    if (!isExpired(error)) throw error;
  }
  return false;
}

/** Resolves when the object with this uid is no longer stored; one of the same name made since does not count. */
export async function waitGone(rest: RestClient, target: Target, uid: string | undefined, signal: AbortSignal): Promise<void> {
  for (;;) {
    const object = await live(rest, target, signal);
    if (object === undefined || (uid !== undefined && object.metadata?.uid !== uid)) return;
    if (await sawDeletion(rest, target, object.metadata?.resourceVersion, signal)) return;
    await sleep(REWATCH_DELAY_MS, undefined, { signal });
  }
}
