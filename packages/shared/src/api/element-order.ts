import { equalJson } from './json.ts';

/** What tells two elements of a list apart: their merge key's value, or the scalar itself. */
export type Identity = (element: unknown) => unknown;

function indexIn(order: readonly unknown[], element: unknown, identity: Identity): number {
  const wanted = identity(element);
  return order.findIndex((candidate) => equalJson(identity(candidate), wanted));
}

function sortedBy(order: readonly unknown[], elements: readonly unknown[], identity: Identity): unknown[] {
  return elements
    .map((element) => ({ element, at: indexIn(order, element, identity) }))
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
  const isNamed = (element: unknown) => indexIn(patchOrder, element, identity) >= 0;
  const named = sortedBy(patchOrder, merged.filter(isNamed), identity);
  const others = sortedBy(originalOrder, merged.filter((element) => !isNamed(element)), identity);
  return interleave(others, named, originalOrder, identity);
}

function interleave(others: unknown[], named: unknown[], originalOrder: readonly unknown[], identity: Identity): unknown[] {
  const result: unknown[] = [];
  const pending = others.map((element) => ({ element, at: indexIn(originalOrder, element, identity) }));
  for (const element of named) {
    const at = indexIn(originalOrder, element, identity);
    for (let next = pending[0]; at >= 0 && next && next.at >= 0 && next.at < at; next = pending[0]) {
      result.push(next.element);
      pending.shift();
    }
    result.push(element);
  }
  return [...result, ...pending.map(({ element }) => element)];
}
