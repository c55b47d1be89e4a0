import type { ContainerStatus, Pod, PodStatus } from '@podling/shared/api';
import { reportedContainer } from '../runtime/lost-container.ts';
import { specOfContainer } from '../runtime/pod-containers.ts';
import { RequestError } from './request-error.ts';

/**
 * The runtime id of the container whose log is meant; fails with Kubernetes' messages when there is none.
 * Upstream twin: kubelet `validateContainerLogStatus`.
 */
export function logContainerId(pod: Pod, status: PodStatus, container: string, previous: boolean): string {
  const podName = pod.metadata.name;
  if (specOfContainer(pod, container) === undefined) throw new RequestError(404, `container "${container}" not found in pod "${podName}"`);
  const reported = reportedContainer(status, container);
  const which = `container "${container}" in pod "${podName}"`;
  if (reported === undefined) throw new RequestError(400, `${which} is not available`);
  const id = previous ? lastId(reported) : presentId(reported);
  if (id) return id.slice(id.indexOf('://') + 3);
  throw new RequestError(400, previous ? `previous terminated ${which} not found` : `${which} is ${whyNone(reported)}`);
}

function lastId({ lastState }: ContainerStatus): string | undefined {
  return lastState?.terminated?.containerID;
}

/** While a container waits for its next run, or the next one did not come about, its last one is what there is to read. */
function presentId(status: ContainerStatus): string | undefined {
  if (status.state?.running) return status.containerID;
  return status.state?.terminated?.containerID || lastId(status);
}

function whyNone({ state, lastState }: ContainerStatus): string {
  if (state?.terminated || lastState?.terminated) return 'terminated';
  const reason = state?.waiting?.reason;
  if (reason === undefined) return 'waiting to start - no logs yet';
  if (reason === 'ErrImagePull') return "waiting to start: image can't be pulled";
  if (reason === 'ImagePullBackOff') return 'waiting to start: trying and failing to pull image';
  return `waiting to start: ${reason}`;
}
