import type { ModelDescriptions } from '../descriptions.ts';

/** How many pods may go at a time. */
export const policy: ModelDescriptions = {
  'policy.v1.PodDisruptionBudget': {
    '': 'Says how many of some pods may go at a time because somebody wants them gone, as when a node is drained.',
    spec: 'Which pods, and how many must stay.',
    status: 'How many there are, and how many may go now.',
  },
  'policy.v1.PodDisruptionBudgetSpec': {
    '': 'Which pods a budget is for, and how many of them must stay. Either minAvailable or maxUnavailable.',
    maxUnavailable: 'So many may be away, a number or a percentage of those that their owners want: an eviction that makes it more is refused.',
    minAvailable: 'So many must stay healthy, a number or a percentage of those that their owners want: an eviction that leaves fewer is refused.',
    selector: 'Labels of the pods. Empty: all of the namespace; absent: none.',
    unhealthyPodEvictionPolicy:
      'When a running pod that is not ready may be evicted. IfHealthyBudget, the default: while enough others are healthy. AlwaysAllow: at any time.',
  },
  'policy.v1.PodDisruptionBudgetStatus': {
    '': 'What the disruption controller has counted.',
    conditions: 'DisruptionAllowed: True with SufficientPods, False with InsufficientPods or SyncFailed.',
    currentHealthy: 'Pods that are ready and stay.',
    desiredHealthy: 'Pods that must be ready.',
    disruptedPods: 'Pods whose eviction was granted, with the time, until they are seen to go. One that stays for two minutes counts again.',
    disruptionsAllowed: 'Pods that may go now.',
    expectedPods: 'Pods that there should be.',
    observedGeneration: 'Of the spec that was counted for. No pod is evicted while it is older than the spec.',
  },
  'policy.v1.Eviction': {
    '': 'Asks for a pod to be deleted, if its disruption budget allows it. Created as pods/NAME/eviction.',
    deleteOptions: 'How it is deleted.',
  },
};
