import type { ContainerStats, CriConnection } from '@podling/cri/v1';
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
  all?: boolean;
  id?: string;
  pod?: string;
  label?: string[];
  output: string;
  seconds: string;
  watch?: boolean;
}

const header = ['CONTAINER', 'NAME', 'CPU %', 'MEM', 'DISK', 'INODES', 'SWAP'];

export const verb: Verb = {
  usage: '[ID]',
  flags: (command) => {
    command
      .option('-a, --all', 'all, not only those that run')
      .option('--id <id>', 'filter by container id')
      .option('-p, --pod <id>', 'filter by pod id')
      .option('--label <key=value>', 'filter by label', listed)
      .option('-o, --output <format>', 'json, yaml or table', 'table')
      .option('-s, --seconds <n>', 'how long the CPU is looked at', '1')
      .option('-w, --watch', 'again and again');
  },
  run: async (session, words, options: Options) => {
    if (words.length > 1) throw new CommandError('one container is named at most');
    const cri = await session.cri();
    await doing('get container stats', () => watching(session, options.watch === true, () => show(session, cri, { ...options, id: options.id ?? words[0] ?? '' })));
  },
};

async function show(session: Session, cri: CriConnection, options: Options & { id: string }): Promise<void> {
  const { output } = options;
  const first = await containerStats(cri, options);
  if (output === 'json' || output === 'yaml') return session.out(await printMessage('ListContainerStatsResponse', { stats: first }, output));
  if (output !== 'table') throw unsupported(output);
  await session.io.clock.sleep(wholeNumber(options.seconds, 'seconds') * 1000, session.io.interrupted);
  const before = new Map(first.map((stats) => [stats.attributes?.id, stats]));
  const rows = (await containerStats(cri, options)).flatMap((stats) => row(stats, before.get(stats.attributes?.id), options.all === true));
  session.out(`${session.io.outIsTerminal ? clearScreen : ''}${table([header, ...rows])}`);
}

async function containerStats(cri: CriConnection, { id, pod = '', label }: Options & { id: string }): Promise<ContainerStats[]> {
  const { stats } = await cri.runtime('ListContainerStats', { filter: { id, podSandboxId: pod, labelSelector: parsePairs(label) } });
  return stats.toSorted((one, other) => ((one.attributes?.id ?? '') < (other.attributes?.id ?? '') ? -1 : 1));
}

/** None for one that does not run, and for one that was not there before. */
function row({ attributes, cpu, memory, writableLayer, swap }: ContainerStats, before: ContainerStats | undefined, all: boolean): string[][] {
  const used = Number(memory?.workingSetBytes?.value ?? 0);
  const isIdle = Number(cpu?.usageCoreNanoSeconds?.value ?? 0) === 0 && used === 0;
  if (before === undefined || (isIdle && !all)) return [];
  return [[
    shortId(attributes?.id ?? ''), attributes?.metadata?.name ?? '', cpuPercent(before.cpu, cpu), humanSize(used),
    humanSize(Number(writableLayer?.usedBytes?.value ?? 0)), writableLayer?.inodesUsed?.value ?? '0', humanSize(Number(swap?.swapUsageBytes?.value ?? 0)),
  ]];
}
