import type { CriConnection, PodSandboxStats } from '@podling/cri/v1';
import { listed, parsePairs, wholeNumber } from '../listing/filters.ts';
import { printMessage, unsupported } from '../output/document.ts';
import { clearScreen, table } from '../output/table.ts';
import { humanSize, shortId } from '../output/units.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';
import { cpuPercent } from './cpu-percent.ts';
import { watching } from './watching.ts';

interface Options {
  id?: string;
  label?: string[];
  output: string;
  seconds: string;
  watch?: boolean;
}

export const verb: Verb = {
  usage: '[ID]',
  flags: (command) => {
    command
      .option('--id <id>', 'filter by pod id')
      .option('--label <key=value>', 'filter by label', listed)
      .option('-o, --output <format>', 'json, yaml or table', 'table')
      .option('-s, --seconds <n>', 'how long the CPU is looked at', '1')
      .option('-w, --watch', 'again and again');
  },
  run: async (session, words, options: Options) => {
    if (words.length > 1) throw new CommandError('one pod is named at most');
    const cri = await session.cri();
    await doing('get pod stats', () => watching(session, options.watch === true, () => show(session, cri, { ...options, id: options.id ?? words[0] ?? '' })));
  },
};

async function show(session: Session, cri: CriConnection, options: Options & { id: string }): Promise<void> {
  const { output } = options;
  const first = await podStats(cri, options);
  if (output === 'json' || output === 'yaml') return session.out(await printMessage('ListPodSandboxStatsResponse', { stats: first }, output));
  if (output !== 'table') throw unsupported(output);
  await session.io.clock.sleep(wholeNumber(options.seconds, 'seconds') * 1000, session.io.interrupted);
  const before = new Map(first.map((stats) => [stats.attributes?.id, stats]));
  const rows = (await podStats(cri, options)).flatMap((stats) => row(stats, before.get(stats.attributes?.id)));
  session.out(`${session.io.outIsTerminal ? clearScreen : ''}${table([['POD', 'POD ID', 'CPU %', 'MEM'], ...rows])}`);
}

async function podStats(cri: CriConnection, { id, label }: Options & { id: string }): Promise<PodSandboxStats[]> {
  const { stats } = await cri.runtime('ListPodSandboxStats', { filter: { id, labelSelector: parsePairs(label) } });
  return stats.toSorted((one, other) => ((one.attributes?.id ?? '') < (other.attributes?.id ?? '') ? -1 : 1));
}

function row({ attributes, linux }: PodSandboxStats, before: PodSandboxStats | undefined): string[][] {
  if (before === undefined || linux === null) return [];
  const used = Number(linux.memory?.workingSetBytes?.value ?? 0);
  return [[attributes?.metadata?.name ?? '', shortId(attributes?.id ?? ''), cpuPercent(before.linux?.cpu ?? null, linux.cpu), humanSize(used)]];
}
