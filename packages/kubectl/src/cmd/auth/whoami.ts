import { isForbidden, isNotFound } from '@podling/shared/errors';
import type { SelfSubjectReview } from '@podling/shared/api';
import { sanitizeCell } from '@podling/shared/sanitize';
import { CommandError, refuseWords } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { outputFlags } from '../../flags.ts';
import { ColumnPrinter } from '../../printers/columns.ts';
import { createResultPrinter } from '../../printers/result-printer.ts';
import type { ResultOptions } from '../../printers/result-printer.ts';
import type { AnyObject } from '../../resource/object.ts';
import type { Verb } from '../../verb.ts';

async function review(factory: Factory): Promise<SelfSubjectReview> {
  const rest = await factory.client();
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  try {
    return await rest.request<SelfSubjectReview>({ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body });
  } catch (cause) {
    const why = 'the selfsubjectreviews API is not enabled in the cluster';
    if (isForbidden(cause)) throw new CommandError(`${why} or you do not have permission to call it`, { cause });
    if (isNotFound(cause)) throw new CommandError(why, { cause });
    throw cause;
  }
}

/** Lists as Go writes them: `[a b]`. */
function rowsOf({ status }: SelfSubjectReview): string[][] {
  const { username = '', uid = '', groups = [], extra = {} } = status?.userInfo ?? {};
  const extras = Object.entries(extra).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, values]) => [`Extra: ${key}`, `[${values.join(' ')}]`]);
  return [
    ['ATTRIBUTE', 'VALUE'],
    ...(username === '' ? [] : [['Username', username]]),
    ...(uid === '' ? [] : [['UID', uid]]),
    ...(groups.length === 0 ? [] : [['Groups', `[${groups.join(' ')}]`]]),
    ...extras,
  ];
}

async function whoami(factory: Factory, words: string[], options: ResultOptions): Promise<number> {
  refuseWords('auth whoami', words);
  const answer = await review(factory);
  if (options.output === undefined) factory.io.out(new ColumnPrinter().print(rowsOf(answer).map((row) => row.map(sanitizeCell))));
  else await (await createResultPrinter(factory.io, options, ''))(answer as unknown as AnyObject, '');
  return 0;
}

export const verb: Verb<ResultOptions> = { flags: outputFlags, run: whoami };
