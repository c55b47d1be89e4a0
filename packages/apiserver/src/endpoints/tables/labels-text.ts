/** `a=1,b=2` in order of the keys, `<none>` for none. */
export function labelsText(labels: Record<string, string> = {}): string {
  const entries = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? '<none>' : entries.map(([key, value]) => `${key}=${value}`).join(',');
}
