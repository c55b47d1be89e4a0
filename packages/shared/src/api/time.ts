const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/** An RFC 3339 time in UTC, cut to whole seconds or to six digits; undefined if `text` is no time. */
export function canonicalTime(text: string, precision: 'second' | 'micro'): string | undefined {
  const match = rfc3339.exec(text);
  const [, clock = '', fraction = '', zone = ''] = match ?? [];
  const at = match && !text.endsWith('\n') ? validDate(clock, zone) : undefined;
  if (at === undefined) return undefined;
  const seconds = new Date(at).toISOString().slice(0, -5);
  return precision === 'second' ? `${seconds}Z` : `${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

/** Milliseconds since 1970 of an RFC 3339 time; undefined if `text` is no time. */
export function timeOf(text: string): number | undefined {
  return canonicalTime(text, 'second') === undefined ? undefined : Date.parse(text);
}

/** Milliseconds since 1970, or undefined for a day such as 30 February, an hour 24 or a year past 9999. */
function validDate(clock: string, zone: string): number | undefined {
  const local = Date.parse(`${clock}Z`);
  const at = Date.parse(clock + zone);
  if (Number.isNaN(local) || Number.isNaN(at) || new Date(local).toISOString().slice(0, 19) !== clock) return undefined;
  return new Date(at).toISOString().length === 24 ? at : undefined;
}
