/** The slice of a cgroup as systemd names it, with the names of those above it: `['kubepods', 'poda-b']` is `kubepods-poda_b.slice`. */
export function systemdSlice(parts: readonly string[]): string {
  return `${parts.map((part) => part.replaceAll('-', '_')).join('-')}.slice`;
}
