const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

function pair(seconds: number, unit: number, letter: string, subunit: number, subletter: string): string {
  const rest = Math.trunc((seconds % unit) / subunit);
  return `${Math.trunc(seconds / unit)}${letter}${rest === 0 ? '' : `${rest}${subletter}`}`;
}

/** A span as Kubernetes shows ages, at most two units: `119s`, `5m30s`, `3h20m`, `47h`, `5d`. Upstream twin: `duration.HumanDuration`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * minute) return `${seconds}s`;
  if (seconds < 10 * minute) return pair(seconds, minute, 'm', 1, 's');
  if (seconds < 3 * hour) return `${Math.trunc(seconds / minute)}m`;
  if (seconds < 8 * hour) return pair(seconds, hour, 'h', minute, 'm');
  if (seconds < 2 * day) return `${Math.trunc(seconds / hour)}h`;
  if (seconds < 8 * day) return pair(seconds, day, 'd', hour, 'h');
  if (seconds < 2 * year) return `${Math.trunc(seconds / day)}d`;
  if (seconds < 8 * year) return pair(seconds, year, 'y', day, 'd');
  return `${Math.trunc(seconds / year)}y`;
}

/** How long ago `time` (RFC 3339) was; `<unknown>` without one. */
export function ageOf(time: string | null | undefined, nowMs: number): string {
  return time ? humanDuration(nowMs - Date.parse(time)) : '<unknown>';
}
