import type { ContainerState, ContainerStatus, Pod, PodCondition } from '@podling/shared/api';

/** What a row tells of a pod's containers. */
export interface PodSummary {
  /** The STATUS column: the reason of the container that explains most, else the phase. */
  status: string;
  readyContainers: number;
  restarts: number;
  /** When a container last ended before it was restarted, RFC 3339. */
  lastRestart?: string | undefined;
}

type Terminated = NonNullable<ContainerState['terminated']>;

function exitText({ reason, signal, exitCode }: Terminated): string {
  if (reason) return reason;
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

const isTrue = ({ status }: Pod, wanted: string): boolean =>
  status?.conditions?.find(({ type }: PodCondition) => type === wanted)?.status === 'True';

function counted(statuses: readonly ContainerStatus[]): Pick<PodSummary, 'restarts' | 'lastRestart'> {
  const ends = statuses.map(({ lastState }) => lastState?.terminated?.finishedAt).filter((time) => typeof time === 'string');
  return { restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0), lastRestart: ends.toSorted().at(-1) };
}

interface InitProgress {
  /** Absent once all have done their work. */
  status?: string;
  /** Those looked at: up to and with the one that is not done. */
  seen: ContainerStatus[];
  readySidecars: number;
}

/** Goes through the init containers until one is not done. */
function initProgress({ spec, status }: Pod, sidecars: ReadonlySet<string>): InitProgress {
  const statuses = status?.initContainerStatuses ?? [];
  let readySidecars = 0;
  for (const [index, current] of statuses.entries()) {
    const { state, name, started, ready } = current;
    if (state?.terminated?.exitCode === 0) continue;
    if (sidecars.has(name) && started) {
      if (ready) readySidecars += 1;
      continue;
    }
    const waiting = state?.waiting?.reason;
    const why = state?.terminated ? exitText(state.terminated) : waiting && waiting !== 'PodInitializing' ? waiting : `${index}/${(spec.initContainers ?? []).length}`;
    return { status: `Init:${why}`, seen: statuses.slice(0, index + 1), readySidecars };
  }
  return { seen: statuses, readySidecars };
}

interface AppProgress {
  status: string;
  running: number;
}

/** The first container that has something to say wins; one that has ended well says nothing while another runs. */
function appProgress(pod: Pod, fallback: string): AppProgress {
  let status = fallback;
  let failure = '';
  let running = 0;
  for (const { state, ready } of (pod.status?.containerStatuses ?? []).toReversed()) {
    if (state?.waiting?.reason) status = state.waiting.reason;
    else if (state?.terminated) {
      status = exitText(state.terminated);
      if (state.terminated.exitCode !== 0) failure = status;
    } else if (ready && state?.running) running += 1;
  }
  if (status !== 'Completed') return { status, running };
  if (running > 0 && isTrue(pod, 'Ready')) return { status: 'Running', running };
  return { status: failure || (running > 0 ? 'NotReady' : status), running };
}

function phaseText({ status }: Pod): string {
  const gated = status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated');
  return gated ? 'SchedulingGated' : status?.reason || status?.phase || '';
}

function endingText({ metadata, status }: Pod, text: string): string {
  if (!metadata.deletionTimestamp) return text;
  if (status?.reason === 'NodeLost') return 'Unknown';
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? text : 'Terminating';
}

/** `sidecars`: names of the init containers that go on running. */
export function summarizePod(pod: Pod, sidecars: ReadonlySet<string>): PodSummary {
  const init = initProgress(pod, sidecars);
  if (init.status !== undefined && !isTrue(pod, 'Initialized')) {
    return { status: endingText(pod, init.status), readyContainers: init.readySidecars, ...counted(init.seen) };
  }
  const app = appProgress(pod, init.status ?? phaseText(pod));
  const all = [...init.seen.filter(({ name }) => sidecars.has(name)), ...(pod.status?.containerStatuses ?? [])];
  return { status: endingText(pod, app.status), readyContainers: init.readySidecars + app.running, ...counted(all) };
}
