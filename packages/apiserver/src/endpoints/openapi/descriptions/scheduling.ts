import type { ModelDescriptions } from '../descriptions.ts';

const duringExecution = {
  preferredDuringSchedulingIgnoredDuringExecution: 'What is wished for: the node with the greatest sum of weights is taken.',
  requiredDuringSchedulingIgnoredDuringExecution: 'What must hold when the pod is placed. Later changes have no effect.',
};

/** Where pods may go. */
export const scheduling: ModelDescriptions = {
  'core.v1.Affinity': {
    '': 'What a pod wants of its place.',
    nodeAffinity: 'Which nodes.',
    podAffinity: 'Which pods should be near.',
    podAntiAffinity: 'Which pods should not be near.',
  },
  'core.v1.NodeAffinity': { '': 'Which nodes a pod wants.', ...duringExecution },
  'core.v1.PodAffinity': { '': 'Which pods should be near.', ...duringExecution },
  'core.v1.PodAntiAffinity': { '': 'Which pods should not be near.', ...duringExecution },
  'core.v1.NodeSelector': { '': 'Selects nodes: one of the terms must match.', nodeSelectorTerms: 'The terms, at least one.' },
  'core.v1.NodeSelectorTerm': {
    '': 'All requirements must hold. Empty matches no node.',
    matchExpressions: 'Requirements on labels.',
    matchFields: 'Requirements on fields: metadata.name.',
  },
  'core.v1.NodeSelectorRequirement': {
    '': 'A requirement on one label or field.',
    key: 'The label\'s key, or the field.',
    operator: 'In, NotIn, Exists, DoesNotExist, Gt or Lt.',
    values: 'Values for In and NotIn; one whole number for Gt and Lt; none for the others.',
  },
  'core.v1.PreferredSchedulingTerm': {
    '': 'A wish for nodes.', preference: 'The nodes.', weight: 'How strong it is, 1 to 100.',
  },
  'core.v1.WeightedPodAffinityTerm': {
    '': 'A wish for or against neighbours.', podAffinityTerm: 'The neighbours.', weight: 'How strong it is, 1 to 100.',
  },
  'core.v1.PodAffinityTerm': {
    '': 'Pods, and what near means.',
    labelSelector: 'The pods, by label. Absent matches none.',
    matchLabelKeys: 'Labels in which they must have the value that this pod has.',
    mismatchLabelKeys: 'Labels in which they must not have the value that this pod has.',
    namespaceSelector: 'Namespaces by label, together with namespaces. Empty selects all.',
    namespaces: 'Namespaces by name. With neither, this pod\'s own.',
    topologyKey: 'Label of nodes: those with the same value are near. Not empty.',
  },
  'core.v1.Taint': {
    '': 'Keeps pods that do not tolerate it off a node.',
    effect: 'NoSchedule, PreferNoSchedule or NoExecute.',
    key: 'Its key.',
    timeAdded: 'When it was added.',
    value: 'Its value.',
  },
  'core.v1.Toleration': {
    '': 'Lets a pod onto nodes with matching taints.',
    effect: 'The effect to tolerate; empty for all.',
    key: 'The key to tolerate; empty with Exists for all.',
    operator: 'Equal (the default) compares the value, Exists does not; Lt and Gt compare whole numbers.',
    tolerationSeconds: 'Seconds to stay after a NoExecute taint appears; forever if absent, 0 or less leaves at once.',
    value: 'The value to tolerate; empty with Exists.',
  },
  'core.v1.TopologySpreadConstraint': {
    '': 'How matching pods are to be spread.',
    labelSelector: 'The pods that are counted.',
    matchLabelKeys: 'Labels in which they must have the value that this pod has.',
    maxSkew: 'How far counts may differ; at least 1.',
    minDomains: 'With fewer domains than this, the least count is taken as 0. With DoNotSchedule only.',
    nodeAffinityPolicy: 'Whether nodes outside the pod\'s node affinity count: Honor (the default) leaves them out, Ignore does not.',
    nodeTaintsPolicy: 'Whether nodes with taints that are not tolerated count: Honor leaves them out, Ignore (the default) does not.',
    topologyKey: 'Label of nodes: each value is a domain.',
    whenUnsatisfiable: 'DoNotSchedule keeps the pod waiting, ScheduleAnyway takes the least bad node.',
  },
  'scheduling.v1.PriorityClass': {
    '': 'A name for a priority.',
    description: 'What the class is for.',
    globalDefault: 'Whether pods without a class get this one. At most one class should.',
    preemptionPolicy: 'Whether pods of lower priority may be removed: PreemptLowerPriority (the default) or Never.',
    value: 'The priority; higher goes first.',
  },
  'node.v1.RuntimeClass': {
    '': 'A way to run pods that nodes are configured with.',
    handler: 'The runtime\'s name for it. It cannot be changed.',
    overhead: 'What running a pod costs besides its containers.',
    scheduling: 'The nodes that support it; all if absent.',
  },
  'node.v1.Overhead': { '': 'What running a pod costs.', podFixed: 'The same for every pod.' },
  'node.v1.Scheduling': {
    '': 'The nodes that support a runtime class.',
    nodeSelector: 'Labels they have; added to those of the pod.',
    tolerations: 'Added to those of the pod.',
  },
};
