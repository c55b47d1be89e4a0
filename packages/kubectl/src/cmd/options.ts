import { Command } from 'commander';
import { globalFlags } from '../flags.ts';
import { refuseWords } from '../errors.ts';
import type { Verb } from '../verb.ts';

/** Prints what may stand in every command line. */
export const verb: Verb = {
  run: async ({ io }, words) => {
    refuseWords('options', words);
    const [, flags = ''] = globalFlags(new Command()).helpOption(false).helpInformation().split(/^Options:\n/m);
    io.out(`The following options can be passed to any command:\n\n${flags}`);
    return 0;
  },
};
