import type { ModelDescriptions } from '../descriptions.ts';

const timestamp = 'When the figures were read.';
const window = 'The time before the timestamp over which processor time was measured.';

/** What nodes and pods use. */
export const metrics: ModelDescriptions = {
  'metrics.v1beta1.NodeMetrics': { '': 'What a node uses.', timestamp, window, usage: 'Cores in use, and bytes of the working set.' },
  'metrics.v1beta1.PodMetrics': { '': 'What a pod uses.', timestamp, window, containers: 'Its containers that run.' },
  'metrics.v1beta1.ContainerMetrics': { '': 'What a container uses.', name: 'The container\'s name in the pod.', usage: 'Cores in use, and bytes of the working set.' },
};
