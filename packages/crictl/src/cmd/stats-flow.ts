import type { CriConnection } from '@podling/cri/v1';
import type { Command } from 'commander';
import { wholeNumber } from '../listing/filters.ts';
import { printMessage, unsupported } from '../output/document.ts';
import { clearScreen, table } from '../output/table.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import { watching } from './watching.ts';

export interface StatsOptions {
  id?: string;
  output: string;
  seconds: string;
  watch?: boolean;
}

interface Identified {
  attributes: { id: string } | null;
}

/** Whose figures are shown. */
export interface StatsSubject<Stats extends Identified> {
  noun: 'container' | 'pod';
  /** CRI's name of the message that lists them. */
  message: string;
  header: string[];
  /** Those of that id, or all. */
  list: (cri: CriConnection, id: string) => Promise<Stats[]>;
  /** From two looks; undefined for what is not shown. */
  row: (before: Stats, now: Stats) => string[] | undefined;
}

export function statsFlags(command: Command): Command {
  return command
    .option('-o, --output <format>', 'json, yaml or table', 'table')
    .option('-s, --seconds <n>', 'how long the CPU is looked at', '1')
    .option('-w, --watch', 'again and again');
}

/** One look as a document, or two as a table: once, or again and again. */
export async function showStats<Stats extends Identified>(session: Session, words: string[], options: StatsOptions, subject: StatsSubject<Stats>): Promise<void> {
  if (words.length > 1) throw new CommandError(`one ${subject.noun} is named at most`);
  const cri = await session.cri();
  const id = options.id ?? words[0] ?? '';
  const look = async (): Promise<Stats[]> => (await subject.list(cri, id)).toSorted((one, other) => ((one.attributes?.id ?? '') < (other.attributes?.id ?? '') ? -1 : 1));
  await doing(`get ${subject.noun} stats`, () => watching(session, options.watch === true, () => show(session, look, options, subject)));
}

async function show<Stats extends Identified>(session: Session, look: () => Promise<Stats[]>, { output, seconds }: StatsOptions, { message, header, row }: StatsSubject<Stats>): Promise<void> {
  const first = await look();
  if (output === 'json' || output === 'yaml') return session.out(await printMessage(message, { stats: first }, output));
  if (output !== 'table') throw unsupported(output);
  await session.io.clock.sleep(wholeNumber(seconds, 'seconds') * 1000, session.io.interrupted);
  const before = new Map(first.map((stats) => [stats.attributes?.id, stats]));
  const rows = (await look()).flatMap((now) => {
    const earlier = before.get(now.attributes?.id);
    const cells = earlier && row(earlier, now);
    return cells === undefined ? [] : [cells];
  });
  session.out(`${session.io.outIsTerminal ? clearScreen : ''}${table([header, ...rows])}`);
}
