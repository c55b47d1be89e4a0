import type { ContainerStats } from '@podling/cri/v1';
import { listed, parsePairs } from '../listing/filters.ts';
import { humanSize, shortId } from '../output/units.ts';
import type { Verb } from '../verb.ts';
import { cpuPercent } from './cpu-percent.ts';
import { showStats, statsFlags } from './stats-flow.ts';
import type { StatsOptions } from './stats-flow.ts';

interface Options extends StatsOptions {
  all?: boolean;
  pod?: string;
  label?: string[];
}

export const verb: Verb = {
  usage: '[ID]',
  flags: (command) => {
    command
      .option('-a, --all', 'all, not only those that run')
      .option('--id <id>', 'filter by container id')
      .option('-p, --pod <id>', 'filter by pod id')
      .option('--label <key=value>', 'filter by label', listed);
    statsFlags(command);
  },
  run: (session, words, options: Options) =>
    showStats(session, words, options, {
      noun: 'container',
      message: 'ListContainerStatsResponse',
      header: ['CONTAINER', 'NAME', 'CPU %', 'MEM', 'DISK', 'INODES', 'SWAP'],
      list: async (cri, id) => (await cri.runtime('ListContainerStats', { filter: { id, podSandboxId: options.pod ?? '', labelSelector: parsePairs(options.label) } })).stats,
      row: (before, now) => row(before, now, options.all === true),
    }),
};

/** Undefined for one that does not run. */
function row(before: ContainerStats, { attributes, cpu, memory, writableLayer, swap }: ContainerStats, all: boolean): string[] | undefined {
  const used = Number(memory?.workingSetBytes?.value ?? 0);
  const isIdle = Number(cpu?.usageCoreNanoSeconds?.value ?? 0) === 0 && used === 0;
  if (isIdle && !all) return undefined;
  return [
    shortId(attributes?.id ?? ''), attributes?.metadata?.name ?? '', cpuPercent(before.cpu, cpu), humanSize(used),
    humanSize(Number(writableLayer?.usedBytes?.value ?? 0)), writableLayer?.inodesUsed?.value ?? '0', humanSize(Number(swap?.swapUsageBytes?.value ?? 0)),
  ];
}
