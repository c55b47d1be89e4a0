import { isLabelValue } from '@podling/shared/names';
import type { Pairs } from '../apply/metadata-pairs.ts';
import { CommandError } from '../errors.ts';
import type { Verb } from '../verb.ts';
import { changeMetadata, metadataFlags } from './change-metadata.ts';
import type { ChangeMetadataOptions, MetadataSubject } from './change-metadata.ts';

function parseLabels(changes: readonly string[]): Pairs {
  const pairs: Pairs = { set: new Map(), remove: [] };
  for (const change of changes) {
    const [key = '', value, ...rest] = change.split('=');
    if (value === undefined) {
      pairs.remove.push(change.slice(0, -1));
      continue;
    }
    if (rest.length > 0) throw new CommandError(`invalid label spec: ${change}`);
    const problems = isLabelValue(value);
    if (problems.length > 0) throw new CommandError(`invalid label value: ${JSON.stringify(change)}: ${problems.join(';')}`);
    pairs.set.set(key, value);
  }
  if (pairs.remove.some((key) => pairs.set.has(key))) throw new CommandError('can not both modify and remove a label in the same command');
  return pairs;
}

const labels: MetadataSubject = {
  field: 'labels',
  noun: 'label',
  fieldManager: 'kubectl-label',
  parse: parseLabels,
  refuse: (taken) => {
    const problems = taken.map(([key, value]) => `'${key}' already has a value (${value}), and --overwrite is false`);
    return problems.length === 0 ? undefined : problems.join('\nerror: ');
  },
  done: (added, removed) => (added && removed ? 'modified' : added ? 'labeled' : removed ? 'unlabeled' : 'not labeled'),
  missing: ({ io }, key) => io.out(`label ${JSON.stringify(key)} not found.\n`),
};

export const verb: Verb<ChangeMetadataOptions> = {
  usage: '(-f FILE | TYPE NAME) KEY=VALUE... KEY-... [flags]',
  flags: metadataFlags,
  run: (factory, words, options) => changeMetadata(factory, words, options, labels),
};
