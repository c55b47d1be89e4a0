import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isCriNotFound, type CriRuntime } from '@podling/cri';
import { followLog, LogTails, readLog, type LogSource } from '@podling/cri/logs';
import type { Clock } from '@podling/shared/util';
import type { Pod, PodStatus } from '@podling/shared/api';
import type { Request, Response } from 'express';
import { flag, parseLogOptions } from '../logs/log-options.ts';
import type { PodManager } from '../pod/pod-manager.ts';
import { logContainerId } from './container-logs.ts';
import { param, podOf } from './pod-request.ts';
import { RequestError } from './request-error.ts';

export interface LogRouteOptions {
  pods: PodManager;
  statusOf: (pod: Pod) => PodStatus;
  runtime: Pick<CriRuntime, 'containerStatus'>;
  clock: Clock;
}

/** GET /containerLogs/NAMESPACE/POD/CONTAINER: the text of a log, as fast as the client takes it. Upstream twin: kubelet `getContainerLogs`. */
export function logRoute(options: LogRouteOptions): (request: Request, response: Response) => Promise<void> {
  const { pods, statusOf, runtime, clock } = options;
  const tails = new LogTails(clock);
  return async (request, response) => {
    const query = new URL(request.url, 'https://kubelet').searchParams;
    const logOptions = parseLogOptions(query, clock.now());
    const pod = podOf(pods, request);
    const source = await sourceOf(runtime, logContainerId(pod, statusOf(pod), param(request, 'container'), flag(query, 'previous')));
    await send(response, (gone) => (flag(query, 'follow') ? followLog(tails, source, logOptions, gone) : readLog(source.path, logOptions)));
  };
}

async function send(response: Response, read: (gone: AbortSignal) => AsyncGenerator<Buffer>): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort(new Error('the client is gone')));
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.flushHeaders();
  const text = Readable.from(read(gone.signal), { objectMode: false });
  await pipeline(text, response, { signal: gone.signal }).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error;
  });
}

async function sourceOf(runtime: LogRouteOptions['runtime'], id: string): Promise<LogSource> {
  try {
    const { logPath } = await runtime.containerStatus(id);
    return { path: logPath, endedMs: () => endOf(runtime, id) };
  } catch (error) {
    if (!isCriNotFound(error)) throw error;
    throw new RequestError(400, `unable to retrieve container logs for containerd://${id}`, { cause: error });
  }
}

/** A runtime that does not answer may well have a container that runs. */
async function endOf(runtime: LogRouteOptions['runtime'], id: string): Promise<number | undefined> {
  try {
    const { state, finishedAtMs } = await runtime.containerStatus(id);
    return state === 'CONTAINER_RUNNING' ? undefined : finishedAtMs;
  } catch (error) {
    return isCriNotFound(error) ? 0 : undefined;
  }
}
