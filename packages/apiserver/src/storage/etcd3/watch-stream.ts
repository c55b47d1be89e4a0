import type { IWatchCreateRequest, IWatchResponse } from 'etcd3';
import type { Clock, Timer } from '@podling/shared/util';
import type { Notifier } from '../notifier.ts';
import type { Connection, WatchCall } from './connection.ts';

export interface WatchStreamOptions {
  clock: Clock;
  /** After this much silence progress is asked for. */
  progressIntervalMs: number;
  /** Without any answer for this long after that, or to the first request, the stream counts as dead. */
  livenessTimeoutMs: number;
  /** Each `notify` asks for progress at once. */
  progress?: Notifier | undefined;
}

const questionsPerTimeout = 4;

/**
 * One gRPC watch stream with one watch on it: its responses, until `signal` aborts. Throws when the stream breaks, ends
 * or falls silent although progress was asked for. Reads only as fast as it is read.
 */
export async function* watchStream(
  connection: Connection,
  create: IWatchCreateRequest,
  options: WatchStreamOptions,
  signal: AbortSignal,
): AsyncGenerator<IWatchResponse> {
  const { call, close } = await connection.openWatch();
  const ended = new AbortController();
  const onAbort = (): void => close();
  if (signal.aborted) return close();
  signal.addEventListener('abort', onAbort, { once: true });
  const responses = call[Symbol.asyncIterator]() as AsyncIterator<IWatchResponse, undefined>;
  try {
    let pending = responses.next();
    call.write({ create_request: create });
    options.progress?.listen(() => call.writable && call.write({ progress_request: {} }), ended.signal);
    let watchdog = silenceTimer(options.clock, options.livenessTimeoutMs, close);
    for (;;) {
      const result = await pending.finally(() => watchdog.cancel());
      if (signal.aborted) return;
      if (result.done === true) throw new Error('etcd ended the watch stream');
      yield result.value;
      pending = responses.next();
      watchdog = progressTimer(call, options, close);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ended.abort();
    signal.removeEventListener('abort', onAbort);
    close();
  }
}

function silenceTimer(clock: Clock, delayMs: number, end: (error: Error) => void): Timer {
  return clock.setTimeout(() => end(new Error(`etcd watch stream was silent for ${delayMs} ms`)), delayMs);
}

/** Asks for progress after a silence, and ends the stream when no question is answered in time. */
function progressTimer(call: WatchCall, options: WatchStreamOptions, end: (error: Error) => void): Timer {
  const { clock, progressIntervalMs, livenessTimeoutMs } = options;
  let deadline: Timer | undefined;
  const ask = (): void => {
    deadline ??= silenceTimer(clock, livenessTimeoutMs, end);
    call.write({ progress_request: {} });
    // etcd does not answer while the watch is still catching up.
    timer = clock.setTimeout(ask, livenessTimeoutMs / questionsPerTimeout);
  };
  let timer = clock.setTimeout(ask, progressIntervalMs);
  const cancel = (): void => {
    timer.cancel();
    deadline?.cancel();
  };
  return { cancel };
}
