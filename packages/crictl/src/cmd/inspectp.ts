import type { PodSandboxStatus, PodSandboxStatusResponse } from '@podling/cri/v1';
import { listSandboxes, sandboxFlags } from '../listing/sandboxes.ts';
import type { SandboxQuery } from '../listing/sandboxes.ts';
import { statusFields } from '../output/document.ts';
import { goMap, lines, mapLines } from '../output/lines.ts';
import { plainTime, rfc3339 } from '../output/units.ts';
import { doing } from '../report.ts';
import type { Verb } from '../verb.ts';
import { inspectAll, outputFlag, quietFlag } from './inspect-flow.ts';
import type { InspectOptions } from './inspect-flow.ts';

interface Options extends SandboxQuery, InspectOptions {}

export const verb: Verb = {
  usage: 'POD-ID [POD-ID...]',
  flags: (command) => void quietFlag(outputFlag(sandboxFlags(command))),
  run: (session, words, options: Options) =>
    inspectAll(session, words, options, {
      listing: 'pod sandboxes',
      list: (cri) => listSandboxes(cri, options),
      ask: (cri, podSandboxId, verbose) => doing('get the status of pod sandboxes: get pod sandbox status', () => cri.runtime('PodSandboxStatus', { podSandboxId, verbose })),
      document: ({ status }) => document(status),
      details,
    }),
};

function document(status: PodSandboxStatus | null): object {
  return status === null ? {} : { ...statusFields('PodSandboxStatus', status), createdAt: rfc3339(status.createdAt) };
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
