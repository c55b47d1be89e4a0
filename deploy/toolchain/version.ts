/** Compares dotted versions by their numbers: negative when `one` is older. Missing parts count as 0. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let part = 0; part < Math.max(left.length, right.length); part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Says whether a version lies in a range; the upper end is excluded. */
export function isGood(version: string, range: { minimum?: string; below?: string }): boolean {
  const { minimum, below } = range;
  return (minimum === undefined || compareVersions(version, minimum) >= 0) && (below === undefined || compareVersions(version, below) < 0);
}

/** Names a range for people: `≥ 1.6.0, < 2.0.0`. */
export function describeRange({ minimum, below }: { minimum?: string; below?: string }): string {
  return [minimum && `≥ ${minimum}`, below && `< ${below}`].filter(Boolean).join(', ');
}

/** The upstream version within a Debian package's: `1:1.6.20~ds1-1+deb12u3` is 1.6.20. */
export function upstreamVersion(packageVersion: string): string | undefined {
  return /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(packageVersion)?.[1];
}
