import type { PodSandboxStats } from '@podling/cri/v1';
import { listed, parsePairs } from '../listing/filters.ts';
import { humanSize, shortId } from '../output/units.ts';
import type { Verb } from '../verb.ts';
import { cpuPercent } from './cpu-percent.ts';
import { showStats, statsFlags } from './stats-flow.ts';
import type { StatsOptions } from './stats-flow.ts';

interface Options extends StatsOptions {
  label?: string[];
}

export const verb: Verb = {
  usage: '[ID]',
  flags: (command) => {
    command.option('--id <id>', 'filter by pod id').option('--label <key=value>', 'filter by label', listed);
    statsFlags(command);
  },
  run: (session, words, options: Options) =>
    showStats(session, words, options, {
      noun: 'pod',
      message: 'ListPodSandboxStatsResponse',
      header: ['POD', 'POD ID', 'CPU %', 'MEM'],
      list: async (cri, id) => (await cri.runtime('ListPodSandboxStats', { filter: { id, labelSelector: parsePairs(options.label) } })).stats,
      row,
    }),
};

function row(before: PodSandboxStats, { attributes, linux }: PodSandboxStats): string[] | undefined {
  if (linux === null) return undefined;
  const used = Number(linux.memory?.workingSetBytes?.value ?? 0);
  return [attributes?.metadata?.name ?? '', shortId(attributes?.id ?? ''), cpuPercent(before.linux?.cpu ?? null, linux.cpu), humanSize(used)];
}
