/** One place of a glob: any run of characters, or one that it allows. */
type Part = 'run' | ((character: string) => boolean);

/**
 * Go's `path.Match` for a text without slashes: `*`, `?`, `[a-z]`, `[^a-z]`, and a backslash before what stands for
 * itself. A glob that is none matches nothing. Whoever writes it cannot make it slow: the time is at most that of
 * comparing each part with each character, of which a label of a host name has few.
 */
export function globMatches(glob: string, text: string): boolean {
  if (Math.max(glob.length, text.length) > maxLength) return false;
  const parts = partsOf(glob);
  return parts !== undefined && partsMatch(parts, Array.from(text));
}

/** Of a host name. */
const maxLength = 253;

/** Where a run can be longer, only the last one is tried: what came before it has matched as early as it can. */
function partsMatch(parts: readonly Part[], text: readonly string[]): boolean {
  let [part, at] = [0, 0];
  let [run, runEnd] = [-1, 0];
  while (at < text.length || part < parts.length) {
    const current = parts[part];
    if (current === 'run') {
      [run, runEnd] = [part, at];
      part += 1;
    } else if (current !== undefined && at < text.length && current(text[at] ?? '')) {
      part += 1;
      at += 1;
    } else {
      if (run === -1 || runEnd >= text.length) return false;
      runEnd += 1;
      [part, at] = [run + 1, runEnd];
    }
  }
  return true;
}

function partsOf(glob: string): Part[] | undefined {
  const parts: Part[] = [];
  const token = /\*|\?|\[(\^?)((?:\\.|[^\]\\])+)\]|\\(.)|([^[\\])/suy;
  while (token.lastIndex < glob.length) {
    const [whole, negated, members, escaped, plain] = token.exec(glob) ?? [];
    if (whole === undefined) return undefined;
    if (whole === '*') parts.push('run');
    else if (whole === '?') parts.push(() => true);
    else if (members !== undefined) parts.push(oneOf(members, negated === '^'));
    else parts.push((character) => character === (escaped ?? plain));
  }
  return parts;
}

function oneOf(members: string, negated: boolean): (character: string) => boolean {
  const ranges = [...members.matchAll(/(?:\\(.)|(.))(?:-(?:\\(.)|(.)))?/gsu)].map(([, low, lowPlain, high, highPlain]) => {
    const first = low ?? lowPlain ?? '';
    return [first, high ?? highPlain ?? first] as const;
  });
  return (character) => ranges.some(([low, high]) => low <= character && character <= high) !== negated;
}
