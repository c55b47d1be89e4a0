import type { ModelDescriptions } from '../descriptions.ts';
import { cluster } from './cluster.ts';
import { container } from './container.ts';
import { containerStatus } from './container-status.ts';
import { meta } from './meta.ts';
import { metrics } from './metrics.ts';
import { node } from './node.ts';
import { pod } from './pod.ts';
import { policy } from './policy.ts';
import { remoteVolumes } from './remote-volumes.ts';
import { reviews } from './reviews.ts';
import { scheduling } from './scheduling.ts';
import { security } from './security.ts';
import { service } from './service.ts';
import { volumes } from './volumes.ts';
import { wire } from './wire.ts';

/** All there are, in tables by subject. */
export const descriptions: readonly ModelDescriptions[] = [
  cluster, container, containerStatus, meta, metrics, node, pod, policy, remoteVolumes, reviews, scheduling, security, service, volumes, wire,
];
