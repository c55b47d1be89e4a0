import { lastAppliedOf, LAST_APPLIED } from '../../apply/last-applied.ts';
import { CommandError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { Failures } from '../../failures.ts';
import { fileFlags, selectionFlags } from '../../flags.ts';
import { createFormatter } from '../../printers/formatter.ts';
import { readObject, selectObjects } from '../../resource/selection.ts';
import type { SelectionOptions } from '../../resource/selection.ts';
import type { Verb } from '../../verb.ts';

interface ViewLastAppliedOptions extends SelectionOptions {
  output: string;
}

/** Prints what apply keeps of the objects, to compare the next one with. */
async function viewLastApplied(factory: Factory, words: string[], options: ViewLastAppliedOptions): Promise<number> {
  const { output } = options;
  if (output !== 'yaml' && output !== 'json') throw new CommandError(`Unexpected -o output mode: ${output}, the flag 'output' must be one of yaml|json`);
  const failures = new Failures(factory);
  const format = await createFormatter({ output });
  for (const target of await selectObjects(factory, words, options, failures)) {
    await failures.attempt(async () => {
      const applied = lastAppliedOf(await readObject(factory, target));
      if (applied === undefined) throw new CommandError(`no last-applied-configuration annotation found on resource: ${target.name} (${LAST_APPLIED}): it was not made by apply`);
      factory.io.out(await format(applied));
    });
  }
  return failures.exitCode;
}

export const verb: Verb<ViewLastAppliedOptions> = {
  usage: '(TYPE NAME | TYPE/NAME | TYPE -l SELECTOR | -f FILE) [flags]',
  flags: (command) => {
    fileFlags(command);
    selectionFlags(command);
    command.option('-o, --output <format>', 'yaml or json', 'yaml');
  },
  run: viewLastApplied,
};
