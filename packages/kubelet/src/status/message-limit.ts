import type { ContainerState, ContainerStatus, Pod } from '@podling/shared/api';
import { allContainers } from '../runtime/pod-containers.ts';

/** So much may the termination messages of all containers of a pod have together. */
const maxPodBytes = 12 * 1024;

/** Cuts each termination message to its container's share. Upstream twin: status manager `normalizeStatus`. */
export function limitMessages(pod: Pod, statuses: readonly ContainerStatus[]): ContainerStatus[] {
  const share = Math.floor(maxPodBytes / Math.max(allContainers(pod.spec).length, 1));
  return statuses.map((status) => ({
    ...status,
    ...(status.state === undefined ? {} : { state: limited(status.state, share) }),
    ...(status.lastState === undefined ? {} : { lastState: limited(status.lastState, share) }),
  }));
}

function limited(state: ContainerState, share: number): ContainerState {
  const { terminated } = state;
  if (terminated?.message === undefined || Buffer.byteLength(terminated.message) <= share) return state;
  const message = Buffer.from(terminated.message).subarray(0, share).toString();
  return { ...state, terminated: { ...terminated, message: message.replace(/\uFFFD$/, '') } };
}
