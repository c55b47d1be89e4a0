const sizes = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];

/** `701kB`: at most so many digits (default 4) of the largest unit that leaves a whole one. */
export function humanSize(bytes: number, digits = 4): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < sizes.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(digits))}${sizes[unit]}`;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** `About a minute`, `3 days`: a span in words, as container tools say it. */
export function humanSpan(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const hours = Math.round(seconds / hour);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < minute) return `${seconds} seconds`;
  if (seconds < 2 * minute) return 'About a minute';
  if (seconds < hour) return `${Math.floor(seconds / minute)} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(seconds / day / 365)} years`;
}

/** How long ago nanoseconds since the epoch were: `3 seconds ago`. */
export function ago(nanoseconds: string, nowMs: number): string {
  return `${humanSpan(nowMs - Number(BigInt(nanoseconds) / 1_000_000n))} ago`;
}

const ID_LENGTH = 13;

/** The beginning of an id, which runtimes take for the whole. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, ID_LENGTH);
}

/** Nanoseconds since the epoch in RFC 3339, in the local time zone, without zeros at the end: `2026-01-02T03:04:05.006Z`. */
export function rfc3339(nanoseconds: string): string {
  const { date, time, fraction, offset } = localTime(nanoseconds);
  return `${date}T${time}${fraction}${offset === '+00:00' ? 'Z' : offset}`;
}

/** The same as people write it: `2026-01-02 03:04:05.006 +0000 UTC`. */
export function plainTime(nanoseconds: string): string {
  const { date, time, fraction, offset } = localTime(nanoseconds);
  return `${date} ${time}${fraction} ${offset.replace(':', '')}${offset === '+00:00' ? ' UTC' : ''}`;
}

/** What Go has for no time. */
export const zeroTime = '0001-01-01T00:00:00Z';

function localTime(nanoseconds: string): { date: string; time: string; fraction: string; offset: string } {
  const total = BigInt(nanoseconds);
  const ms = Number(total / 1_000_000n);
  const offsetMinutes = -new Date(ms).getTimezoneOffset();
  const [date = '', clock = ''] = new Date(ms + offsetMinutes * 60_000).toISOString().split('T');
  const fraction = String(total % 1_000_000_000n).padStart(9, '0').replace(/0+$/, '');
  return { date, time: clock.slice(0, 8), fraction: fraction === '' ? '' : `.${fraction}`, offset: offsetOf(offsetMinutes) };
}

function offsetOf(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}
