import type { RequestHandler } from 'express';
import { contextOf } from './request-context.ts';
import { writeText } from './write-response.ts';

/** A named question whose answer is silence or an error. */
export interface HealthCheck {
  name: string;
  check(): void | Promise<void>;
}

async function resultOf({ name, check }: HealthCheck): Promise<{ name: string; ok: boolean }> {
  try {
    await check();
    return { name, ok: true };
  } catch {
    return { name, ok: false };
  }
}

/**
 * `/livez` and its kin: `ok`, or 500 with every check on a line, as Kubernetes writes them. `?verbose` shows the lines
 * anyway, `?exclude=NAME` leaves one out, `/livez/NAME` asks one alone.
 */
export function healthHandler(root: string, checks: readonly HealthCheck[]): RequestHandler {
  return async (request, response) => {
    const { path, query } = contextOf(request).info;
    const only = path.slice(root.length + 1).replace(/^\//, '');
    const excluded = new Set(query.getAll('exclude'));
    const asked = checks.filter(({ name }) => (only === '' || name === only) && !excluded.has(name));
    if (only !== '' && asked.length === 0) return writeText(response, 404, '404 page not found\n');
    const results = await Promise.all(asked.map(resultOf));
    const healthy = results.every(({ ok }) => ok);
    if (healthy && !query.has('verbose')) return writeText(response, 200, 'ok');
    const lines = results.map(({ name, ok }) => (ok ? `[+]${name} ok` : `[-]${name} failed: reason withheld`));
    writeText(response, healthy ? 200 : 500, `${lines.join('\n')}\n${root} check ${healthy ? 'passed' : 'failed'}\n`);
  };
}
