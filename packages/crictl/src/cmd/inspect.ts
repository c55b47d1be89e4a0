import type { ContainerStatus, ContainerStatusResponse } from '@podling/cri/v1';
import { orderFields } from '@podling/cri/v1';
import { listContainers, queryFlags } from '../listing/containers.ts';
import type { ContainerQuery } from '../listing/containers.ts';
import { printStatuses } from '../output/document.ts';
import { goMap, lines, mapLines } from '../output/lines.ts';
import { ago, rfc3339, zeroTime } from '../output/units.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

interface Options extends ContainerQuery {
  output: string;
  quiet?: boolean;
}

export const verb: Verb = {
  usage: 'CONTAINER-ID [CONTAINER-ID...]',
  flags: (command) =>
    queryFlags(command)
      .option('-a, --all', 'all, not only those that run')
      .option('--namespace <pattern>', 'filter by pod namespace, a regular expression')
      .option('-o, --output <format>', 'json, yaml or table', 'json')
      .option('-q, --quiet', 'without what the runtime says beyond CRI')
      .option('-s, --state <state>', 'filter by state: created, running, exited, unknown'),
  run: inspect,
};

async function inspect(session: Session, words: string[], options: Options): Promise<void> {
  const cri = await session.cri();
  const ids = words.length > 0 ? words : (await doing('listing containers', () => listContainers(cri, options))).map(({ id }) => id);
  if (ids.length === 0) throw new CommandError('No IDs provided or nothing found per filter');
  const verbose = options.quiet !== true;
  const answers: ContainerStatusResponse[] = [];
  for (const containerId of ids) answers.push(await doing('get the status of containers: get container status', () => cri.runtime('ContainerStatus', { containerId, verbose })));
  if (options.output === 'table') return session.out(answers.map((answer) => details(answer, verbose, session.io.clock.now())).join(''));
  session.out(await printStatuses(answers.map(({ status, info }) => ({ status: document(status), info })), options.output));
}

/** With times as people read them. */
function document(status: ContainerStatus | null): object {
  if (status === null) return {};
  const { state, createdAt, startedAt, finishedAt } = status;
  const hasEnded = state === 'CONTAINER_EXITED' || (state === 'CONTAINER_UNKNOWN' && finishedAt !== '0');
  return {
    ...orderFields('ContainerStatus', status),
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
