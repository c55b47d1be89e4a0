import type { Pairs } from '../apply/metadata-pairs.ts';
import { CommandError } from '../errors.ts';
import type { Verb } from '../verb.ts';
import { changeMetadata, metadataFlags } from './change-metadata.ts';
import type { ChangeMetadataOptions, MetadataSubject } from './change-metadata.ts';

const CHANGE_CAUSE = 'kubernetes.io/change-cause';

/** An annotation's value may hold anything, `=` too. */
function parseAnnotations(changes: readonly string[]): Pairs {
  const pairs: Pairs = { set: new Map(), remove: [] };
  for (const change of changes) {
    const equals = change.indexOf('=');
    if (equals < 0) pairs.remove.push(change.slice(0, -1));
    else pairs.set.set(change.slice(0, equals), change.slice(equals + 1));
  }
  const both = pairs.remove.filter((key) => pairs.set.has(key));
  if (both.length > 0) throw new CommandError(`can not both modify and remove the following annotation(s) in the same command: ${both.join(', ')}`);
  return pairs;
}

const annotations: MetadataSubject = {
  field: 'annotations',
  noun: 'annotation',
  fieldManager: 'kubectl-annotate',
  parse: parseAnnotations,
  refuse: (taken) => {
    const problems = taken.filter(([key]) => key !== CHANGE_CAUSE).map(([key, value]) => `'${key}' already has a value (${value})`);
    return problems.length === 0 ? undefined : `--overwrite is false but found the following declared annotation(s): ${problems.join('; ')}`;
  },
  done: () => 'annotated',
};

export const verb: Verb<ChangeMetadataOptions> = {
  usage: '(-f FILE | TYPE NAME) KEY=VALUE... KEY-... [flags]',
  flags: metadataFlags,
  run: (factory, words, options) => changeMetadata(factory, words, options, annotations),
};
