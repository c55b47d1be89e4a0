import type { PodSandboxStatus, PodSandboxStatusResponse } from '@podling/cri/v1';
import { orderFields } from '@podling/cri/v1';
import { listSandboxes, sandboxFlags } from '../listing/sandboxes.ts';
import type { SandboxQuery } from '../listing/sandboxes.ts';
import { printStatuses } from '../output/document.ts';
import { goMap, lines, mapLines } from '../output/lines.ts';
import { plainTime, rfc3339 } from '../output/units.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';

interface Options extends SandboxQuery {
  output: string;
  quiet?: boolean;
}

export const verb: Verb = {
  usage: 'POD-ID [POD-ID...]',
  flags: (command) => sandboxFlags(command).option('-o, --output <format>', 'json, yaml or table', 'json').option('-q, --quiet', 'without what the runtime says beyond CRI'),
  run: inspectp,
};

async function inspectp(session: Session, words: string[], options: Options): Promise<void> {
  const cri = await session.cri();
  const ids = words.length > 0 ? words : (await doing('listing pod sandboxes', () => listSandboxes(cri, options))).map(({ id }) => id);
  if (ids.length === 0) throw new CommandError('No IDs provided or nothing found per filter');
  const verbose = options.quiet !== true;
  const answers: PodSandboxStatusResponse[] = [];
  for (const podSandboxId of ids) answers.push(await doing('get the status of pod sandboxes: get pod sandbox status', () => cri.runtime('PodSandboxStatus', { podSandboxId, verbose })));
  if (options.output === 'table') return session.out(answers.map((answer) => details(answer, verbose)).join(''));
  session.out(await printStatuses(answers.map(({ status, info }) => ({ status: document(status), info })), options.output));
}

function document(status: PodSandboxStatus | null): object {
  return status === null ? {} : { ...orderFields('PodSandboxStatus', status), createdAt: rfc3339(status.createdAt) };
}

function details({ status, info }: PodSandboxStatusResponse, verbose: boolean): string {
  if (status === null) return '';
  const { id, metadata, state, createdAt, network, labels, annotations } = status;
  const head = lines([
    ['ID', id], ['Name', metadata?.name || undefined], ['UID', metadata?.uid || undefined], ['Namespace', metadata?.namespace || undefined], ['Attempt', String(metadata?.attempt ?? 0)],
    ['Status', state], ['Created', plainTime(createdAt)], ['IP Addresses', network?.ip], ...(network?.additionalIps ?? []).map(({ ip }) => ['Additional IP', ip] as const),
  ]);
  return `${head}${mapLines('Labels', labels)}${mapLines('Annotations', annotations)}${verbose ? lines([['Info', goMap(info)]]) : ''}`;
}
