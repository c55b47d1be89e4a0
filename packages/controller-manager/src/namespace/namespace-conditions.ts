import type { NamespaceCondition } from '@podling/shared/api';
import type { DeletionPass } from './delete-content.ts';

interface Report {
  type: string;
  /** Reason and message while all is well. */
  good: [reason: string, message: string];
  /** Undefined while all is well. */
  bad(pass: DeletionPass): [reason: string, message: string] | undefined;
}

const counted = (counts: Map<string, number>, what: (name: string, count: number) => string): string =>
  [...counts].map(([name, count]) => what(name, count)).toSorted().join(', ');

/** Kubernetes' conditions of a namespace that is going, in its order and its words. */
const reports: readonly Report[] = [
  {
    type: 'NamespaceDeletionDiscoveryFailure',
    good: ['ResourcesDiscovered', 'All resources successfully discovered'],
    bad: ({ discoveryFailures: failures }) =>
      failures.length > 0 ? ['DiscoveryFailed', `Discovery failed for some groups, ${failures.length} failing: ${failures.join(', ')}`] : undefined,
  },
  {
    type: 'NamespaceDeletionGroupVersionParsingFailure',
    good: ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
    bad: () => undefined,
  },
  {
    type: 'NamespaceDeletionContentFailure',
    good: ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
    bad: ({ contentFailures: failures }) =>
      failures.length > 0
        ? ['ContentDeletionFailed', `Failed to delete all resource types, ${failures.length} remaining: ${failures.toSorted().join(', ')}`]
        : undefined,
  },
  {
    type: 'NamespaceContentRemaining',
    good: ['ContentRemoved', 'All content successfully removed'],
    bad: ({ remaining }) =>
      remaining.size > 0
        ? ['SomeResourcesRemain', `Some resources are remaining: ${counted(remaining, (name, count) => `${name} has ${count} resource instances`)}`]
        : undefined,
  },
  {
    type: 'NamespaceFinalizersRemaining',
    good: ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    bad: ({ finalizers }) =>
      finalizers.size > 0
        ? ['SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${counted(finalizers, (name, count) => `${name} in ${count} resource instances`)}`]
        : undefined,
  },
];

/** The conditions after a pass, those of others untouched; the same list if nothing has changed. */
export function conditionsAfter(pass: DeletionPass, before: readonly NamespaceCondition[], now: string): readonly NamespaceCondition[] {
  const ours = new Set(reports.map(({ type }) => type));
  const next = reports.map((report) => conditionOf(report, pass, before.find(({ type }) => type === report.type), now));
  const isSame = next.every((condition) => before.includes(condition));
  return isSame ? before : [...before.filter(({ type }) => !ours.has(type)), ...next];
}

function conditionOf(report: Report, pass: DeletionPass, old: NamespaceCondition | undefined, now: string): NamespaceCondition {
  const bad = report.bad(pass);
  const [reason, message] = bad ?? report.good;
  const status = bad ? 'True' : 'False';
  if (old?.status === status && old.reason === reason && old.message === message) return old;
  return { type: report.type, status, lastTransitionTime: (old?.status === status && old.lastTransitionTime) || now, reason, message };
}
