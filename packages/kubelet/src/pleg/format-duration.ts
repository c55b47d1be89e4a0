/** As Go prints a duration of a second or more: `3m0s`, `1h2m3.5s`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1_000;
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60)];
  const rest = `${Number((seconds - minutes * 60).toFixed(3))}s`;
  if (minutes === 0) return rest;
  return hours === 0 ? `${minutes}m${rest}` : `${hours}h${minutes % 60}m${rest}`;
}
