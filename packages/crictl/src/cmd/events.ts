import type { ContainerEventResponse, CriConnection } from '@podling/cri/v1';
import { CriError } from '@podling/cri';
import { exponentialBackoff } from '@podling/shared/util';
import { sanitize } from '@podling/shared/sanitize';
import { fits, listed, parsePairs } from '../listing/filters.ts';
import { stateName } from '../listing/containers.ts';
import { printMessage, unsupported } from '../output/document.ts';
import { rfc3339 } from '../output/units.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

interface Options {
  output: string;
  id?: string;
  label?: string[];
  name?: string;
  namespace?: string;
  pod?: string;
  type?: string[];
}

const eventTypes = ['created', 'started', 'stopped', 'deleted'];

export const verb: Verb = {
  description: 'Stream the events of containers as they happen, until Ctrl-C. When the runtime goes away they are waited for: what happens meanwhile is not told later.',
  flags: (command) => {
    command
      .option('-o, --output <format>', 'json, yaml or line', 'json')
      .option('--id <id>', 'of this container or pod sandbox')
      .option('--label <key=value>', "of pods with this label", listed)
      .option('--name <pattern>', 'of pods by name, a regular expression')
      .option('--namespace <pattern>', 'of pods by namespace, a regular expression')
      .option('-p, --pod <id>', 'of this pod and its containers')
      .option('--type <type>', `of these types: ${eventTypes.join(', ')}`, listed);
  },
  run: (session, _words, options: Options) => doing('getting container events', () => follow(session, options)),
};

/** Rides over restarts of the runtime. */
async function follow(session: Session, options: Options): Promise<void> {
  if (!['json', 'yaml', 'line'].includes(options.output)) throw unsupported(options.output);
  const isWanted = filterOf(options);
  const { clock, interrupted } = session.io;
  const cri = await session.cri();
  const backoff = exponentialBackoff({ initialMs: 50, maxMs: 1_000 });
  let isLost = false;
  while (!interrupted.aborted) {
    try {
      for await (const event of cri.events(interrupted)) {
        isLost = false;
        backoff.reset();
        if (isWanted(event)) await print(session, event, options.output);
      }
    } catch (error) {
      if (interrupted.aborted) return;
      if (!(error instanceof CriError) || error.code !== 'Unavailable') throw error;
      if (!isLost && (await isAway(cri, session))) {
        isLost = true;
        session.say('warning', 'the container runtime is away, events may be missing; waiting for it');
      }
    }
    await clock.sleep(backoff.next(), interrupted).catch(() => undefined);
  }
}

/** A stream that is only not there yet is no reason to worry anybody. */
async function isAway(cri: CriConnection, { settings }: Session): Promise<boolean> {
  return cri.runtime('Version', { version: 'v1' }, { deadlineMs: settings.timeoutMs }).then(() => false, () => true);
}

function filterOf({ id, label, name, namespace, pod, type }: Options): (event: ContainerEventResponse) => boolean {
  const labels = Object.entries(parsePairs(label));
  const wanted = type?.map((one) => one.toLowerCase().replace(/^container_(.*)_event$/, '$1'));
  const unknown = type?.find((_, index) => !eventTypes.includes(wanted?.[index] ?? ''));
  if (unknown !== undefined) throw new CommandError(`--type should be one of ${eventTypes.join(', ')}, not ${JSON.stringify(unknown)}`);
  const types = wanted?.map((one) => `CONTAINER_${one.toUpperCase()}_EVENT`);
  return ({ containerId, containerEventType, podSandboxStatus }) => {
    const { id: podId = '', metadata, labels: podLabels = {} } = podSandboxStatus ?? {};
    return (
      (types === undefined || types.includes(containerEventType)) &&
      (id === undefined || containerId.startsWith(id)) &&
      (pod === undefined || podId.startsWith(pod) || containerId.startsWith(pod)) &&
      fits(name, metadata?.name ?? '') && fits(namespace, metadata?.namespace ?? '') &&
      labels.every(([key, value]) => podLabels[key] === value)
    );
  };
}

async function print(session: Session, event: ContainerEventResponse, output: string): Promise<void> {
  if (output === 'line') session.out(line(event));
  else session.out(await printMessage('ContainerEventResponse', event, output as 'json' | 'yaml'));
  await session.io.flush();
}

/** `2026-01-02T03:04:05.6Z CONTAINER_STARTED_EVENT 0123… default/web main=Running`. */
function line({ createdAt, containerEventType, containerId, podSandboxStatus, containersStatuses }: ContainerEventResponse): string {
  const { namespace = '', name = '' } = podSandboxStatus?.metadata ?? {};
  const states = containersStatuses.map((status) => `${status.metadata?.name ?? ''}=${stateName(status.state)}${status.state === 'CONTAINER_EXITED' ? `(${status.exitCode})` : ''}`);
  return `${sanitize([rfc3339(createdAt), containerEventType, containerId, `${namespace}/${name}`, ...states].join(' '))}\n`;
}
