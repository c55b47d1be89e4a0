import type { Clock } from '@podling/shared/util';
import type { Express, Request, Response } from 'express';
import { sendText } from './answers.ts';

export interface HealthCheck {
  name: string;
  /** What is wrong; undefined when nothing is. */
  problem: () => string | undefined;
}

const patienceMs = 2 * 60_000;

/** The kubelet's checks: it answers, and its loop gets on, which it does not while the runtime is away for long. */
export function healthChecks(runtimeProblem: () => string | undefined, clock: Clock): HealthCheck[] {
  let sinceMs: number | undefined;
  const syncLoop = (): string | undefined => {
    const problem = runtimeProblem();
    sinceMs = problem === undefined ? undefined : sinceMs ?? clock.monotonic();
    return sinceMs !== undefined && clock.monotonic() - sinceMs > patienceMs ? `sync loop took longer than expected: ${problem}` : undefined;
  };
  return [{ name: 'ping', problem: () => undefined }, { name: 'syncloop', problem: syncLoop }];
}

/** `/healthz` and `/healthz/NAME`; what exactly is wrong is for the log, not for whoever asks. */
export function installHealth(app: Express, checks: readonly HealthCheck[]): void {
  app.get('/healthz', (request, response) => answer(checks, request, response));
  for (const check of checks) app.get(`/healthz/${check.name}`, (request, response) => answer([check], request, response));
}

function answer(checks: readonly HealthCheck[], request: Request, response: Response): void {
  const failed = new Set(checks.filter(({ problem }) => problem() !== undefined));
  const verbose = new URL(request.url, 'http://kubelet').searchParams.has('verbose');
  if (failed.size === 0 && !verbose) return sendText(response, 200, 'ok');
  const lines = checks.map((check) => (failed.has(check) ? `[-]${check.name} failed: reason withheld` : `[+]${check.name} ok`));
  sendText(response, failed.size === 0 ? 200 : 500, `${lines.join('\n')}\nhealthz check ${failed.size === 0 ? 'passed' : 'failed'}\n`);
}
