import type { CriConnection } from '@podling/cri/v1';
import type { Command } from 'commander';
import { printStatuses } from '../output/document.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';

export interface InspectOptions {
  output: string;
  quiet?: boolean;
}

/** What is inspected, and how it is told. */
export interface InspectSubject<Answer extends { info: Record<string, string> }> {
  /** `containers`, for who reads of a failure. */
  listing: string;
  /** Those that the filters find, where none is named. */
  list: (cri: CriConnection) => Promise<{ id: string }[]>;
  ask: (cri: CriConnection, id: string, verbose: boolean) => Promise<Answer>;
  document: (answer: Answer) => object;
  details: (answer: Answer, verbose: boolean) => string;
}

export const outputFlag = (command: Command): Command => command.option('-o, --output <format>', 'json, yaml or table', 'json');

export const quietFlag = (command: Command): Command => command.option('-q, --quiet', 'without what the runtime says beyond CRI');

/** Those that are named, or found by the filters; all are asked before any is shown. */
export async function inspectAll<Answer extends { info: Record<string, string> }>(session: Session, words: string[], { output, quiet }: InspectOptions, subject: InspectSubject<Answer>): Promise<void> {
  const cri = await session.cri();
  const ids = words.length > 0 ? words : (await doing(`listing ${subject.listing}`, () => subject.list(cri))).map(({ id }) => id);
  if (ids.length === 0) throw new CommandError('No IDs provided or nothing found per filter');
  const verbose = quiet !== true;
  const answers: Answer[] = [];
  for (const id of ids) answers.push(await subject.ask(cri, id, verbose));
  if (output === 'table') return session.out(answers.map((answer) => subject.details(answer, verbose)).join(''));
  session.out(await printStatuses(answers.map((answer) => ({ status: subject.document(answer), info: answer.info })), output));
}
