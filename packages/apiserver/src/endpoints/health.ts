import type { RequestHandler } from 'express';
import { contextOf } from './request-context.ts';
import { writeText } from './write-response.ts';

/** A named question whose answer is silence or an error. */
export interface HealthCheck {
  name: string;
  check(): void | Promise<void>;
}

async function lineOf({ name, check }: HealthCheck, excluded: ReadonlySet<string>): Promise<{ line: string; ok: boolean }> {
  if (excluded.has(name)) return { line: `[+]${name} excluded: ok`, ok: true };
  try {
    await check();
    return { line: `[+]${name} ok`, ok: true };
  } catch {
    return { line: `[-]${name} failed: reason withheld`, ok: false };
  }
}

/** Kubernetes' line about what `exclude` names and nobody knows. */
function warningOf(excluded: ReadonlySet<string>, checks: readonly HealthCheck[]): string[] {
  const strange = [...excluded].filter((name) => !checks.some((check) => check.name === name));
  return strange.length === 0 ? [] : [`warn: some health checks cannot be excluded: no matches for ${strange.map((name) => JSON.stringify(name)).join(',')}`];
}

/**
 * `/livez` and its kin: `ok`, or 500 with every check on a line, as Kubernetes writes them. `?verbose` shows the lines
 * anyway, `?exclude=NAME` leaves one out, `/livez/NAME` asks one alone.
 */
export function healthHandler(root: string, checks: readonly HealthCheck[]): RequestHandler {
  return async (request, response) => {
    const { path, query } = contextOf(request).info;
    const only = path.slice(root.length + 1).replace(/^\//, '');
    const asked = checks.filter(({ name }) => only === '' || name === only);
    if (asked.length === 0) return writeText(response, 404, '404 page not found\n');
    const excluded = new Set(only === '' ? query.getAll('exclude') : []);
    const results = await Promise.all(asked.map((check) => lineOf(check, excluded)));
    const healthy = results.every(({ ok }) => ok);
    if (healthy && !query.has('verbose')) return writeText(response, 200, 'ok');
    const lines = [...results.map(({ line }) => line), ...warningOf(excluded, checks)];
    writeText(response, healthy ? 200 : 500, `${lines.join('\n')}\n${root} check ${healthy ? 'passed' : 'failed'}\n`);
  };
}
