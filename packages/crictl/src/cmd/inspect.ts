import type { ContainerStatus, ContainerStatusResponse } from '@podling/cri/v1';
import { listContainers, queryFlags } from '../listing/containers.ts';
import type { ContainerQuery } from '../listing/containers.ts';
import { statusFields } from '../output/document.ts';
import { goMap, lines, mapLines } from '../output/lines.ts';
import { ago, rfc3339, zeroTime } from '../output/units.ts';
import { doing } from '../report.ts';
import type { Verb } from '../verb.ts';
import { inspectAll, outputFlag, quietFlag } from './inspect-flow.ts';
import type { InspectOptions } from './inspect-flow.ts';

interface Options extends ContainerQuery, InspectOptions {}

export const verb: Verb = {
  usage: 'CONTAINER-ID [CONTAINER-ID...]',
  flags: (command) => {
    queryFlags(command).option('-a, --all', 'all, not only those that run').option('--namespace <pattern>', 'filter by pod namespace, a regular expression');
    quietFlag(outputFlag(command)).option('-s, --state <state>', 'filter by state: created, running, exited, unknown');
  },
  run: (session, words, options: Options) =>
    inspectAll(session, words, options, {
      listing: 'containers',
      list: (cri) => listContainers(cri, options),
      ask: (cri, containerId, verbose) => doing('get the status of containers: get container status', () => cri.runtime('ContainerStatus', { containerId, verbose })),
      document: ({ status }) => document(status),
      details: (answer, verbose) => details(answer, verbose, session.io.clock.now()),
    }),
};

/** With times as people read them. */
function document(status: ContainerStatus | null): object {
  if (status === null) return {};
  const { state, createdAt, startedAt, finishedAt } = status;
  const hasEnded = state === 'CONTAINER_EXITED' || (state === 'CONTAINER_UNKNOWN' && finishedAt !== '0');
  return {
    ...statusFields('ContainerStatus', status),
    createdAt: rfc3339(createdAt),
    startedAt: state === 'CONTAINER_CREATED' ? zeroTime : rfc3339(startedAt),
    finishedAt: hasEnded ? rfc3339(finishedAt) : zeroTime,
  };
}

function details({ status, info }: ContainerStatusResponse, verbose: boolean, nowMs: number): string {
  if (status === null) return '';
  const { id, metadata, state, createdAt, startedAt, finishedAt, exitCode, labels, annotations } = status;
  const hasEnded = state === 'CONTAINER_EXITED';
  const head = lines([
    ['ID', id], ['Name', metadata?.name || undefined], ['Attempt', metadata?.attempt ? String(metadata.attempt) : undefined], ['State', state], ['Created', ago(createdAt, nowMs)],
    ['Started', state === 'CONTAINER_CREATED' ? undefined : ago(startedAt, nowMs)], ['Finished', hasEnded && finishedAt !== '0' ? ago(finishedAt, nowMs) : undefined], ['Exit Code', hasEnded ? String(exitCode) : undefined],
  ]);
  return `${head}${mapLines('Labels', labels)}${mapLines('Annotations', annotations)}${verbose ? lines([['Info', goMap(info)]]) : ''}`;
}
