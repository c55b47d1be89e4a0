/** What tells two elements of a list apart: their merge key's value, or the scalar itself. */
export type Identity = (element: unknown) => unknown;

/** An identity as a key of maps and sets: 1 and '1' differ, equal objects do not. */
export function identityKey(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined';
}

type Positions = (element: unknown) => number;

/** Where elements stand in `order`; the first place counts, -1 means nowhere. */
function positionsIn(order: readonly unknown[], identity: Identity): Positions {
  const positions = new Map<string, number>();
  order.forEach((element, index) => {
    const key = identityKey(identity(element));
    if (!positions.has(key)) positions.set(key, index);
  });
  return (element) => positions.get(identityKey(identity(element))) ?? -1;
}

function sortedBy(positionOf: Positions, elements: readonly unknown[]): unknown[] {
  return elements
    .map((element) => ({ element, at: positionOf(element) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ element }) => element);
}

/**
 * Orders a merged list as strategic merge patch promises: elements named by the patch in the patch's order, the others
 * in the order they had, each put before the first named element that it stood in front of.
 */
export function orderElements(
  merged: readonly unknown[], patchOrder: readonly unknown[], originalOrder: readonly unknown[], identity: Identity,
): unknown[] {
  const inPatch = positionsIn(patchOrder, identity);
  const inOriginal = positionsIn(originalOrder, identity);
  const named = sortedBy(inPatch, merged.filter((element) => inPatch(element) >= 0));
  const others = sortedBy(inOriginal, merged.filter((element) => inPatch(element) < 0));
  return interleave(others, named, inOriginal);
}

function interleave(others: unknown[], named: unknown[], inOriginal: Positions): unknown[] {
  const result: unknown[] = [];
  let pending = 0;
  for (const element of named) {
    const at = inOriginal(element);
    while (pending < others.length && at >= 0 && inOriginal(others[pending]) < at) {
      result.push(others[pending]);
      pending += 1;
    }
    result.push(element);
  }
  return result.concat(others.slice(pending));
}
