import type { ContainerStatus, PodSandboxStatus } from '@podling/cri';
import type { Container, Pod } from '@podling/shared/api';
import { buildPod } from '@podling/shared/testing';
import { containerAnnotations, containerLabels, podLabels } from '../runtime/labels.ts';

/** Objects for the kubelet's own tests. */
export const uid = 'pod-uid';

export function podOf(containers: (Partial<Container> & { name: string })[], spec: Partial<Pod['spec']> = {}): Pod {
  const full = containers.map((container) => ({ image: 'podling.local/toolbox:1', ...container }));
  return buildPod({ name: 'web', uid, nodeName: 'n1', spec: { restartPolicy: 'Always', ...spec, containers: full } });
}

export function sandboxOf(pod: Pod, parts: Partial<PodSandboxStatus> & { attempt?: number } = {}): PodSandboxStatus {
  const { attempt = 0, ...rest } = parts;
  return {
    id: `sandbox-${attempt}`,
    metadata: { name: pod.metadata.name, namespace: 'default', uid, attempt },
    state: 'SANDBOX_READY',
    createdAtMs: 1000,
    labels: podLabels(pod),
    annotations: {},
    ip: '10.0.0.2',
    network: 'POD',
    pid: 1,
    ...rest,
  };
}

export function containerOf(pod: Pod, name: string, parts: Partial<ContainerStatus> & { attempt?: number } = {}): ContainerStatus {
  const { attempt = 0, ...rest } = parts;
  const spec = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((container) => container.name === name) ?? { name };
  return {
    id: `${name}-${attempt}`,
    podSandboxId: 'sandbox-0',
    metadata: { name, attempt },
    image: spec.image ?? '',
    imageId: 'sha256:1',
    state: 'CONTAINER_RUNNING',
    createdAtMs: 1000 + attempt,
    startedAtMs: 2000,
    finishedAtMs: 0,
    exitCode: 0,
    reason: '',
    message: '',
    labels: containerLabels(pod, spec),
    annotations: containerAnnotations(spec, attempt),
    logPath: '',
    pid: 2,
    resources: {},
    ...rest,
  };
}

export function exitedOf(pod: Pod, name: string, exitCode: number, parts: Partial<ContainerStatus> & { attempt?: number } = {}): ContainerStatus {
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  return containerOf(pod, name, { state: 'CONTAINER_EXITED', exitCode, reason, finishedAtMs: 3000, pid: 0, ...parts });
}
