import type { ContainerStatus, CriRuntime } from '@podling/cri';
import { namespaceOf, uidOf, type Container, type HTTPGetAction, type LifecycleHandler, type Pod } from '@podling/shared/api';
import { unlessAborted, type Clock } from '@podling/shared/util';
import type { PodEvents } from '../pod-events.ts';
import { httpGet, NotTlsError } from './http-get.ts';
import { httpTarget, withoutTls } from './http-target.ts';
import { printableText } from './printable-text.ts';

/** The running container that a hook belongs to. */
export interface HandlerTarget {
  pod: Pod;
  container: Container;
  containerId: ContainerStatus['id'];
  /** Where httpGet goes unless it names a host. */
  podIP: string;
}

/** A hook that failed; the message is what the user reads. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';
}

/** Runs postStart and preStop. Upstream twin: kubelet `lifecycle.HandlerRunner`. */
export interface HandlerRunner {
  /** Resolves when the hook has succeeded; fails with `HandlerError`. Ends early when `signal` aborts. */
  run(target: HandlerTarget, handler: LifecycleHandler, signal: AbortSignal): Promise<void>;
}

export interface HandlerRunnerOptions {
  runtime: Pick<CriRuntime, 'execSync'>;
  events: PodEvents;
  clock: Clock;
}

/** A hook is owed no answer for ever: the longest that one may take if the caller sets no end. */
const longestHookMs = 3_600_000;

/** `tcpSocket` is in the API for compatibility alone: as in Kubernetes such a hook fails. */
export function createHandlerRunner({ runtime, events, clock }: HandlerRunnerOptions): HandlerRunner {
  return {
    async run(target, handler, signal) {
      const ending = new AbortController();
      const abort = (): void => ending.abort(signal.reason);
      const timer = clock.setTimeout(() => ending.abort(new Error('the hook takes too long')), longestHookMs);
      signal.addEventListener('abort', abort, { once: true });
      try {
        signal.throwIfAborted();
        await runHandler({ runtime, events, clock }, target, handler, ending.signal);
      } finally {
        timer.cancel();
        signal.removeEventListener('abort', abort);
      }
    },
  };
}

async function runHandler({ runtime, events, clock }: HandlerRunnerOptions, target: HandlerTarget, handler: LifecycleHandler, signal: AbortSignal): Promise<void> {
  if (handler.exec) return execHook(runtime, target, handler.exec.command ?? [], signal);
  if (handler.httpGet) return httpHook(events, target, handler.httpGet, signal);
  if (handler.sleep) return sleepHook(clock, target, handler.sleep.seconds, signal);
  throw new HandlerError(`Cannot run handler: invalid handler: ${Object.keys(handler)[0] ?? 'none'}`);
}

async function execHook(runtime: Pick<CriRuntime, 'execSync'>, target: HandlerTarget, command: readonly string[], signal: AbortSignal): Promise<void> {
  const what = `Exec lifecycle hook ([${command.join(' ')}])`;
  try {
    const { exitCode, stdout, stderr } = await unlessAborted(runtime.execSync(target.containerId, command, 0), signal);
    if (exitCode === 0) return;
    const output = JSON.stringify(printableText(Buffer.concat([stdout, stderr])));
    throw new HandlerError(`${failure(what, target)}command '${command.join(' ')}' exited with ${exitCode}: , message: ${output}`);
  } catch (error) {
    throw asHandlerError(what, target, error);
  }
}

async function httpHook(events: PodEvents, target: HandlerTarget, action: HTTPGetAction, signal: AbortSignal): Promise<void> {
  try {
    const request = httpTarget(action, target.container, target.podIP, 'lifecycle');
    try {
      await httpGet(request, signal);
    } catch (error) {
      if (!(error instanceof NotTlsError)) throw error;
      await httpGet(withoutTls(request), signal);
      const message = `request to HTTPS lifecycle hook ${request.address} got HTTP response, retry with HTTP succeeded`;
      events.pod(target.pod, 'Warning', 'LifecycleHTTPFallback', message);
    }
  } catch (error) {
    throw asHandlerError(`HTTP lifecycle hook (${action.path ?? ''})`, target, error);
  }
}

async function sleepHook(clock: Clock, target: HandlerTarget, seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(seconds * 1000, signal);
  } catch (cause) {
    const reason = new Error('container terminated before sleep hook finished', { cause });
    throw asHandlerError(`Sleep lifecycle hook (${seconds})`, target, reason);
  }
}

function asHandlerError(what: string, target: HandlerTarget, cause: unknown): HandlerError {
  if (cause instanceof HandlerError) return cause;
  return new HandlerError(`${failure(what, target)}${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

function failure(what: string, { pod, container }: HandlerTarget): string {
  const name = `${pod.metadata.name}_${namespaceOf(pod)}(${uidOf(pod)})`;
  return `${what} for Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(name)} failed - error: `;
}
