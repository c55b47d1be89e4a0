import type { ContainerStatus } from '@podling/cri';
import type { Container, Pod, PodSpec } from '@podling/shared/api';
import { isRunning } from './runtime.ts';

/** What of a container's last run decides about the next. */
export type LastRun = Pick<ContainerStatus, 'state' | 'exitCode'>;

/** An init container that goes on beside the app (KEP-753). */
export function isSidecar({ restartPolicy }: Pick<Container, 'restartPolicy'>): boolean {
  return restartPolicy === 'Always';
}

export function sidecarsOf({ spec }: Pod): Container[] {
  return (spec.initContainers ?? []).filter(isSidecar);
}

/** The container's own rules come first, then its policy, then its pod's (KEP-5307). */
export function mayRunAgain(container: Container, spec: PodSpec, exitCode: number): boolean {
  const { restartPolicy: own, restartPolicyRules: rules = [] } = container;
  if (own !== undefined && rules.some((rule) => matches(rule, exitCode))) return true;
  const policy = own ?? spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function matches({ exitCodes }: NonNullable<Container['restartPolicyRules']>[number], exitCode: number): boolean {
  const listed = exitCodes?.values?.includes(exitCode) ?? false;
  if (exitCodes?.operator === 'In') return listed;
  return exitCodes?.operator === 'NotIn' && !listed;
}

/** Whether a container that the kubelet itself ends is to run again: it has no exit code for rules to look at. */
export function restartsAfterKill(container: Container, spec: PodSpec): boolean {
  return (container.restartPolicy ?? spec.restartPolicy ?? 'Always') !== 'Never';
}

/** Whether the container, which does not run, is to be started after this last run of it. */
export function shouldContainerBeRestarted(pod: Pod, container: Container, latest: LastRun | undefined): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  if (latest === undefined) return true;
  if (latest.state === 'CONTAINER_EXITED') return mayRunAgain(container, pod.spec, latest.exitCode);
  return !isRunning(latest);
}

/** It has run to an end after which it is not to run again, and that end was no success. */
export function failedForGood(pod: Pod, container: Container, latest: LastRun | undefined): boolean {
  return latest?.state === 'CONTAINER_EXITED' && latest.exitCode !== 0 && !mayRunAgain(container, pod.spec, latest.exitCode);
}
