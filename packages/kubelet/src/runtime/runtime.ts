import type { Container, ContainerStatus, PodSandbox, PodSandboxStatus } from '@podling/cri';

/** All the runtime knows of one pod. Upstream twin: kubecontainer `PodStatus`. */
export interface PodRuntimeStatus {
  uid: string;
  /** Newest attempt first. */
  sandboxes: PodSandboxStatus[];
  /** Newest attempt first; dead ones too. */
  containers: ContainerStatus[];
}

/** A pod as a list call shows it. */
export interface RuntimePod {
  uid: string;
  name: string;
  namespace: string;
  sandboxes: PodSandbox[];
  containers: Container[];
}

/** The same with what runs alone; nothing of a pod that has ended. */
export function runningPartOf(pod: RuntimePod): RuntimePod[] {
  const sandboxes = pod.sandboxes.filter(({ state }) => state === 'SANDBOX_READY');
  const containers = pod.containers.filter(isRunning);
  return sandboxes.length + containers.length === 0 ? [] : [{ ...pod, sandboxes, containers }];
}

export function emptyPodRuntimeStatus(uid: string): PodRuntimeStatus {
  return { uid, sandboxes: [], containers: [] };
}

export function readySandbox(status: PodRuntimeStatus): PodSandboxStatus | undefined {
  return status.sandboxes.find((sandbox) => sandbox.state === 'SANDBOX_READY');
}

/** The pod's addresses: its sandbox's, or with the node's network those of the node. */
export function podIPsOf(sandbox: Pick<PodSandboxStatus, 'ip' | 'network'> | undefined, hostIPs: readonly string[]): string[] {
  if (sandbox?.network === 'NODE') return [...hostIPs];
  return sandbox === undefined || sandbox.ip === '' ? [] : [sandbox.ip];
}

/** The newest container of that name. */
export function latestContainer(status: PodRuntimeStatus, name: string): ContainerStatus | undefined {
  return status.containers.find((container) => container.metadata.name === name);
}

export function isRunning(container: Pick<Container, 'state'>): boolean {
  return container.state === 'CONTAINER_RUNNING';
}

/** Also one of which the runtime cannot say. */
export function mayRun({ state }: Pick<Container, 'state'>): boolean {
  return state === 'CONTAINER_RUNNING' || state === 'CONTAINER_UNKNOWN';
}
