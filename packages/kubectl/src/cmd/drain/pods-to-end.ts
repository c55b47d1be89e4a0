import { isMirrorPod, isNotFound, isPodTerminal } from '@podling/shared/api';
import type { OwnerReference, Pod } from '@podling/shared/api';

export interface PodRules {
  force: boolean;
  ignoreDaemonSets: boolean;
  deleteEmptyDirData: boolean;
  /** 0: wait for every pod. */
  skipWaitForDeleteSeconds: number;
  nowMs: number;
  /** Rejects where there is none. */
  daemonSet: (namespace: string, name: string) => Promise<unknown>;
}

export interface PodsToEnd {
  pods: Pod[];
  /** What is told before anything is done; '' when there is nothing to tell. */
  warning: string;
  /** Why nothing may be done. */
  errors: string[];
}

type Verdict = { ends: boolean; warning?: string } | { error: string };

/** A pod that should have gone so long ago that nobody needs to wait for it. */
function isOverdue({ metadata: { deletionTimestamp } }: Pod, { skipWaitForDeleteSeconds, nowMs }: Pick<PodRules, 'skipWaitForDeleteSeconds' | 'nowMs'>): boolean {
  if (skipWaitForDeleteSeconds <= 0 || deletionTimestamp === undefined) return false;
  return nowMs - Date.parse(deletionTimestamp) > skipWaitForDeleteSeconds * 1000;
}

const controllerOf = ({ metadata: { ownerReferences = [] } }: Pod): OwnerReference | undefined => ownerReferences.find(({ controller }) => controller);

/** The daemon's pods come back at once, whatever the node says: they stay. Those without their DaemonSet are anybody's. */
async function judgeDaemon(pod: Pod, rules: PodRules): Promise<Verdict | undefined> {
  const owner = controllerOf(pod);
  if (owner?.kind !== 'DaemonSet' || owner.apiVersion !== 'apps/v1' || isPodTerminal(pod)) return undefined;
  try {
    await rules.daemonSet(pod.metadata.namespace ?? '', owner.name);
  } catch (error) {
    return isNotFound(error) && rules.force ? undefined : { error: (error as Error).message };
  }
  return rules.ignoreDaemonSets
    ? { ends: false, warning: 'ignoring DaemonSet-managed Pods' }
    : { error: 'DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' };
}

async function judge(pod: Pod, rules: PodRules): Promise<Verdict> {
  if (isOverdue(pod, rules)) return { ends: false };
  const asDaemon = await judgeDaemon(pod, rules);
  if (asDaemon) return asDaemon;
  if (isMirrorPod(pod)) return { ends: false };
  if (isPodTerminal(pod)) return { ends: true };
  const hasData = pod.spec.volumes?.some(({ emptyDir }) => emptyDir !== undefined);
  if (hasData && !rules.deleteEmptyDirData) return { error: 'Pods with local storage (use --delete-emptydir-data to override)' };
  if (controllerOf(pod)) return { ends: true };
  return rules.force ? { ends: true, warning: 'deleting Pods that declare no controller' } : { error: 'Pods that declare no controller (use --force to override)' };
}

const nameOf = ({ metadata: { namespace, name } }: Pod): string => `${namespace}/${name}`;

function addTo(groups: Map<string, string[]>, key: string | undefined, pod: Pod): void {
  if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), nameOf(pod)]);
}

/** Which of a node's pods a drain ends, and which stand against it. Upstream twin: the filters of kubectl's `drain` package. */
export async function podsToEnd(all: readonly Pod[], rules: PodRules): Promise<PodsToEnd> {
  const warnings = new Map<string, string[]>();
  const errors = new Map<string, string[]>();
  const pods: Pod[] = [];
  for (const pod of all) {
    const verdict = await judge(pod, rules);
    if ('error' in verdict) {
      addTo(errors, verdict.error, pod);
      continue;
    }
    addTo(warnings, verdict.warning, pod);
    if (verdict.ends) pods.push(pod);
  }
  return {
    pods,
    warning: [...warnings].map(([text, names]) => `${text}: ${names.join(', ')}`).join('; '),
    errors: [...errors].map(([text, names]) => `cannot delete ${text}: ${names.join(', ')}`),
  };
}
