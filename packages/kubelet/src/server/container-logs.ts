import type { ContainerStatus, Pod, PodStatus } from '@podling/shared/api';
import { reportedContainer } from '../runtime/lost-container.ts';
import { specOfContainer } from '../runtime/pod-containers.ts';

/** A request that cannot be served; `code` is the HTTP status, the message is shown to the user. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The runtime id of the container whose log is meant; fails with Kubernetes' messages when there is none. */
export function logContainerId(pod: Pod, status: PodStatus, container: string, previous: boolean): string {
  if (specOfContainer(pod, container) === undefined) {
    throw new RequestError(404, `container "${container}" not found in pod "${pod.metadata.name}"`);
  }
  const own = reportedContainer(status, container);
  const id = previous ? own?.lastState?.terminated?.containerID : presentId(own);
  if (id !== undefined) return id.slice(id.indexOf('://') + 3);
  if (previous) throw new RequestError(400, `previous terminated container "${container}" in pod "${pod.metadata.name}" not found`);
  throw new RequestError(400, `container "${container}" in pod "${pod.metadata.name}" is waiting to start: ${waitingText(own)}`);
}

/** While a container waits for its next run, its last one is what there is to read. */
function presentId(status: ContainerStatus | undefined): string | undefined {
  if (status?.state?.waiting) return status.lastState?.terminated?.containerID;
  return status?.state?.terminated?.containerID ?? status?.containerID;
}

function waitingText(status: ContainerStatus | undefined): string {
  const reason = status?.state?.waiting?.reason ?? 'ContainerCreating';
  if (reason === 'ErrImagePull') return 'trying and failing to pull image';
  if (reason === 'ImagePullBackOff') return "image can't be pulled";
  return reason;
}
