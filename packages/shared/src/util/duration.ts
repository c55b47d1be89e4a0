const unitMs: Record<string, number> = { ns: 1e-6, us: 1e-3, 'µs': 1e-3, 'μs': 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const shape = /^\+?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/;

/** Milliseconds of a duration as Kubernetes writes it: `50s`, `1m30s`, `1.5h`, `0`. Throws for anything else, and for what is negative. */
export function parseDurationMs(text: string): number {
  if (text === '0') return 0;
  if (!shape.test(text)) throw new Error(`invalid duration "${text}": give a number with a unit, as in 50s, 1m30s or 500ms`);
  let totalMs = 0;
  for (const [, amount, , unit = ''] of text.matchAll(/(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) totalMs += Number(amount) * (unitMs[unit] ?? 0);
  return totalMs;
}

/** As Go writes whole milliseconds, parts of one left out: `0s`, `350ms`, `1.5s`, `2m0.001s`, `1h0m0s`. */
export function formatDurationMs(duration: number): string {
  const milliseconds = Math.trunc(duration);
  if (milliseconds === 0) return '0s';
  if (milliseconds < 1_000) return `${milliseconds}ms`;
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = `${(milliseconds % 60_000) / 1_000}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}
