const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** At most two units, as Kubernetes writes durations: `45s`, `3m20s`, `17m`, `5h2m`, `3d4h`, `2y33d`. */
export function humanDuration(seconds: number): string {
  const whole = Math.trunc(seconds);
  if (whole < -1) return '<invalid>';
  if (whole < 0) return '0s';
  if (whole < 2 * minute) return `${whole}s`;
  if (whole < 10 * minute) return pair(whole, minute, 'm', 1, 's');
  if (whole < 3 * hour) return `${Math.trunc(whole / minute)}m`;
  if (whole < 8 * hour) return pair(whole, hour, 'h', minute, 'm');
  if (whole < 2 * day) return `${Math.trunc(whole / hour)}h`;
  if (whole < 8 * day) return pair(whole, day, 'd', hour, 'h');
  if (whole < 2 * year) return `${Math.trunc(whole / day)}d`;
  if (whole < 8 * year) return pair(whole, year, 'y', day, 'd');
  return `${Math.trunc(whole / year)}y`;
}

function pair(whole: number, unit: number, letter: string, subunit: number, subletter: string): string {
  const rest = Math.trunc((whole % unit) / subunit);
  return `${Math.trunc(whole / unit)}${letter}${rest === 0 ? '' : `${rest}${subletter}`}`;
}

/** How long ago `time` (RFC 3339) was. */
export function ageOf(time: string | undefined, nowMs: number): string {
  return time === undefined ? '<unknown>' : humanDuration((nowMs - Date.parse(time)) / 1000);
}
