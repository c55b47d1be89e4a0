import { isPodTerminal, qosClassOf } from '@podling/shared/api';
import type { Pod, PodCondition } from '@podling/shared/api';
import { podKind } from '@podling/shared/scheme';
import { sameSpec } from '../generic/same-object.ts';
import { fieldSetOf } from '@podling/shared/field-set';
import { adoptAppArmorAnnotations } from './app-armor.ts';
import { mergeLabelKeys } from './label-keys.ts';
import { keepObservedGenerations } from './observed-generation.ts';
import { statusFields } from '../rest/reset-fields.ts';
import type { DeleteRequest, Strategy } from '../rest/strategy.ts';

const defaultGracePeriodSeconds = 30;
const gated: PodCondition = {
  type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates',
  lastProbeTime: null, lastTransitionTime: null,
};

/** A pod that no kubelet holds goes at once; any other waits for its kubelet, at most for its own grace period. */
function podGracePeriodSeconds(pod: Pod, { gracePeriodSeconds }: DeleteRequest): number {
  const wanted = gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? defaultGracePeriodSeconds;
  if (!pod.spec.nodeName || isPodTerminal(pod)) return 0;
  return wanted < 0 ? 1 : wanted;
}

function podFields(pod: Pod): Record<string, string> {
  const { spec, status } = pod;
  return {
    'spec.nodeName': spec.nodeName ?? '',
    'spec.restartPolicy': spec.restartPolicy ?? '',
    'spec.schedulerName': spec.schedulerName ?? '',
    'spec.serviceAccountName': spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIP ?? '',
    'status.nominatedNodeName': status?.nominatedNodeName ?? '',
  };
}

const common = {
  kind: podKind,
  allowsUnconditionalUpdate: true,
  returnsDeletedObject: true,
  gracePeriodSeconds: podGracePeriodSeconds,
  selectableFields: podFields,
};

/** Users write the spec; the status is out of their reach here. */
export const podStrategy: Strategy<Pod> = {
  ...common,
  resetFields: statusFields,
  prepareForCreate(pod) {
    pod.metadata.generation = 1;
    pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec), ...(pod.spec.schedulingGates?.length ? { conditions: [gated] } : {}) };
    mergeLabelKeys(pod);
    adoptAppArmorAnnotations(pod);
  },
  prepareForUpdate(pod, old) {
    if (old.status === undefined) delete pod.status;
    else pod.status = old.status;
    if (!sameSpec(pod.spec, old.spec)) pod.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  validateUpdate: podKind.validateUpdate,
};

/** The kubelet writes the status; the spec and the owners stay as they are. */
export const podStatusStrategy: Strategy<Pod> = {
  ...common,
  resetFields: fieldSetOf([['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']]),
  prepareForCreate: podStrategy.prepareForCreate,
  prepareForUpdate(pod, old) {
    if (old.metadata.ownerReferences === undefined) delete pod.metadata.ownerReferences;
    else pod.metadata.ownerReferences = old.metadata.ownerReferences;
    pod.spec = old.spec;
    const qosClass = pod.status?.qosClass || old.status?.qosClass;
    pod.status = keepObservedGenerations({ ...pod.status, ...(qosClass ? { qosClass } : {}) }, old.status);
  },
  validateUpdate: podKind.validateStatusUpdate,
};
