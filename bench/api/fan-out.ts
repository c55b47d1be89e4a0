import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { podBody } from './pod-body.ts';
import type { Requests } from './requests.ts';
import { cpuSeconds, podsPath } from './target.ts';
import type { Target } from './target.ts';

interface Reading {
  events: number;
  p50Ms: number;
  p99Ms: number;
}

export interface FanOut {
  watchers: number;
  /** 10 writes a second. */
  paced: { eventsPerSecond: number; cpuMicrosPerEvent: number; p50Ms: number; p99Ms: number };
  /** As fast as 64 writers get on. */
  burst: { eventsPerSecond: number; cpuMicrosPerEvent: number; writesPerSecond: number };
}

const pacedWritesPerSecond = 10;
const pacedSeconds = 8;
const burstWrites = 600;

async function read(client: ChildProcess): Promise<Reading> {
  client.send('read');
  const [reading] = (await once(client, 'message')) as [Reading];
  return reading;
}

async function readWhenAll(client: ChildProcess, expected: number): Promise<Reading> {
  for (;;) {
    const reading = await read(client);
    if (reading.events >= expected) return reading;
    await setTimeout(20);
  }
}

/** Every write is seen by all of `watchers`, who are in a process of their own. */
export async function fanOut(target: Target, requests: Requests, watchers: number): Promise<FanOut> {
  const client = fork(join(import.meta.dirname, 'fan-out-client.ts'), [String(watchers)]);
  try {
    const query = 'watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&timeoutSeconds=600';
    client.send({ url: `${target.origin}${podsPath}?${query}`, headers: target.headers, tls: target.tls });
    const [opened] = (await once(client, 'message')) as [string];
    if (opened !== 'open') throw new Error(`the watches do not open: ${opened}`);
    await create(requests, 'warm-up');
    await readWhenAll(client, watchers);
    const paced = await measurePaced(target, requests, client, watchers);
    return { watchers, paced, burst: await measureBurst(target, requests, client, watchers) };
  } finally {
    client.disconnect();
  }
}

const create = (requests: Requests, name: string): Promise<number> => requests.send('POST', podsPath, podBody(`${name}-at-${Date.now()}`));

async function measurePaced(target: Target, requests: Requests, client: ChildProcess, watchers: number): Promise<FanOut['paced']> {
  const { events: before } = await read(client);
  const writes = pacedWritesPerSecond * pacedSeconds;
  const usage = await used(target, async () => {
    for (let index = 0; index < writes; index += 1) {
      void create(requests, `paced-${index}`);
      await setTimeout(1000 / pacedWritesPerSecond);
    }
    return readWhenAll(client, before + writes * watchers);
  });
  const events = writes * watchers;
  const { p50Ms, p99Ms } = usage.result;
  return { eventsPerSecond: Math.round(events / usage.seconds), cpuMicrosPerEvent: micros(usage.cpu, events), p50Ms, p99Ms };
}

async function measureBurst(target: Target, requests: Requests, client: ChildProcess, watchers: number): Promise<FanOut['burst']> {
  const { events: before } = await read(client);
  const usage = await used(target, async () => {
    const { perSecond } = await requests.load(burstWrites, 64, (index) => create(requests, `burst-${index}`));
    await readWhenAll(client, before + burstWrites * watchers);
    return perSecond;
  });
  const events = burstWrites * watchers;
  return { eventsPerSecond: Math.round(events / usage.seconds), cpuMicrosPerEvent: micros(usage.cpu, events), writesPerSecond: usage.result };
}

const micros = (seconds: number, events: number): number => Number(((seconds * 1e6) / events).toFixed(1));

async function used<R>({ pid }: Target, work: () => Promise<R>): Promise<{ result: R; seconds: number; cpu: number }> {
  const cpuBefore = await cpuSeconds(pid);
  const startedAt = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - startedAt) / 1000, cpu: (await cpuSeconds(pid)) - cpuBefore };
}
