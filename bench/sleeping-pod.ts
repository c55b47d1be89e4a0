import type { Pod } from '@podling/shared/api';

/** A pod whose containers do nothing. */
export const sleepingPod = (name: string, containers: readonly string[] = ['main']): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    containers: containers.map((container) => ({ name: container, image: 'podling.local/toolbox:1', command: ['sleep', '1000'] })),
  },
});
