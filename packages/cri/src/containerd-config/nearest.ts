/** The name that is most like another, by letters to change, add or drop, in either case; undefined where none is like it. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const ranked = names.map((each) => ({ each, distance: distance(name.toLowerCase(), each.toLowerCase()) })).sort((a, b) => a.distance - b.distance);
  const [first] = ranked;
  return first && first.distance <= Math.max(1, Math.floor(name.length / 3)) ? first.each : undefined;
}

/** Levenshtein's, row by row. */
function distance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const change = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(change, (above[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    above = next;
  }
  return above[to.length] ?? 0;
}
