import type { Container, ContainerStatus, Pod } from '@podling/shared/api';

function exitText({ reason, signal, exitCode }: NonNullable<NonNullable<ContainerStatus['state']>['terminated']>): string {
  if (reason) return reason;
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

const isSidecar = (container: Container | undefined): boolean => container?.restartPolicy === 'Always';

/** Undefined once all init containers have done their work. */
function initText({ spec, status }: Pod): string | undefined {
  const containers = spec.initContainers ?? [];
  for (const [index, current] of (status?.initContainerStatuses ?? []).entries()) {
    const { state } = current;
    if (state?.terminated?.exitCode === 0) continue;
    if (isSidecar(containers.find(({ name }) => name === current.name)) && current.started) continue;
    if (state?.terminated) return `Init:${exitText(state.terminated)}`;
    const waiting = state?.waiting?.reason;
    return waiting && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${containers.length}`;
  }
  return undefined;
}

const isReady = ({ status }: Pod): boolean => status?.conditions?.some(({ type, status: now }) => type === 'Ready' && now === 'True') ?? false;

function containersText(pod: Pod, fallback: string): string {
  let text = fallback;
  let running = false;
  for (const { state, ready } of (pod.status?.containerStatuses ?? []).toReversed()) {
    if (state?.waiting?.reason) text = state.waiting.reason;
    else if (state?.terminated) text = exitText(state.terminated);
    else if (ready && state?.running) running = true;
  }
  if (text !== 'Completed' || !running) return text;
  return isReady(pod) ? 'Running' : 'NotReady';
}

function phaseText({ status }: Pod): string {
  const gated = status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated');
  return gated ? 'SchedulingGated' : status?.reason || status?.phase || 'Unknown';
}

/** The STATUS column: the reason of the container that explains most, else the phase. */
export function podStatusText(pod: Pod): string {
  const text = initText(pod) ?? containersText(pod, phaseText(pod));
  if (!pod.metadata.deletionTimestamp) return text;
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed' ? text : 'Terminating';
}
