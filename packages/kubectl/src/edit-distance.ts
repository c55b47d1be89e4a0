const MOST_CHANGES = 2;

/** How many letters must be put in, taken out or changed to come from one word to the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 0; i < from.length; i += 1) {
    const next = [i + 1];
    for (let j = 1; j <= to.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (from[i] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** Whether who typed `word` may have meant `name`. */
export function isNear(word: string, name: string): boolean {
  const typed = word.toLowerCase();
  return typed.length < 32 && (name.startsWith(typed) || editDistance(typed, name) <= MOST_CHANGES);
}
