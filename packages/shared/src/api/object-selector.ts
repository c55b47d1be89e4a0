import type { LabelSelector } from './object-meta.ts';
import { newLabelMatcher, type LabelRequirement } from './label-selector.ts';

/** The requirements of a selector as objects carry it; undefined, which selects nothing, for one that is absent. */
function requirementsOf(selector: LabelSelector | undefined): LabelRequirement[] | undefined {
  if (!selector) return undefined;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return [
    ...Object.entries(matchLabels).map(([key, value]): LabelRequirement => ({ key, operator: 'In', values: [value] })),
    ...matchExpressions.map(({ key, operator, values = [] }): LabelRequirement => ({ key, operator, values })),
  ];
}

/** Whether an object's selector takes these labels in. Absent: none; empty: all. */
export function selectsLabels(selector: LabelSelector | undefined, labels: Record<string, string> | undefined): boolean {
  const requirements = requirementsOf(selector);
  return requirements !== undefined && newLabelMatcher(requirements).matches(labels);
}

/** The text of a selector as `kubectl` shows it: `app=web,tier in (a,b)`. */
export function selectorText(selector: LabelSelector | undefined): string {
  return newLabelMatcher(requirementsOf(selector) ?? []).toString();
}
