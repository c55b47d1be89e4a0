import { formatTime, newConflict, newInvalid } from '@podling/shared/api';
import type { Binding, Pod, PodCondition } from '@podling/shared/api';
import { bindingKind } from '@podling/shared/scheme';
import type { RegistryStore } from '../generic/registry-store.ts';

function checkTarget(pod: Pod, { metadata }: Binding): void {
  const { name } = pod.metadata;
  const refuse = (why: string): never => {
    throw newConflict({ group: '', resource: 'pods/binding' }, name, why);
  };
  if (metadata.uid && metadata.uid !== pod.metadata.uid) {
    refuse(`Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${pod.metadata.uid ?? ''}`);
  }
  if (metadata.resourceVersion && metadata.resourceVersion !== pod.metadata.resourceVersion) {
    refuse(`Precondition failed: ResourceVersion in precondition: ${metadata.resourceVersion}, ResourceVersion in object meta: ${pod.metadata.resourceVersion ?? ''}`);
  }
  if (pod.metadata.deletionTimestamp) refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) refuse(`pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if ((pod.spec.schedulingGates ?? []).length > 0) refuse(`pod ${name} has non-empty .spec.schedulingGates`);
}

function scheduled(pod: Pod, nowMs: number): PodCondition[] {
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  return [...others, { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: formatTime(new Date(nowMs)) }];
}

/** The pod as it is once bound. Throws 409 unless it is the pod that was meant, unbound and alive: a node is set once. */
function assignPod(pod: Pod, binding: Binding, nowMs: number): Pod {
  const errors = bindingKind.validateCreate(binding);
  if (errors.length > 0) throw newInvalid(bindingKind, pod.metadata.name, errors);
  checkTarget(pod, binding);
  const { annotations, labels } = binding.metadata;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(annotations ? { annotations: { ...pod.metadata.annotations, ...annotations } } : {}),
      ...(labels ? { labels: { ...pod.metadata.labels, ...labels } } : {}),
    },
    spec: { ...pod.spec, nodeName: binding.target.name ?? '' },
    status: { ...pod.status, conditions: scheduled(pod, nowMs) },
  };
}

/** One compare-and-swap; see {@link assignPod}. A missing pod is 404. */
export async function bindPod(
  pods: RegistryStore<Pod>,
  { namespace, name, binding, dryRun }: { namespace: string; name: string; binding: Binding; dryRun: boolean },
): Promise<void> {
  const assign = (pod: Pod): Pod => assignPod(pod, binding, pods.clock.now());
  try {
    if (dryRun) assign(await pods.get(namespace, name));
    else await pods.storage.guaranteedUpdate<Pod>(pods.keyFor(namespace, name), assign);
  } catch (error) {
    throw pods.failure(error, name);
  }
}
