import { completionScripts } from '@podling/shared/completion';
import { CommandError } from '../report.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  usage: 'SHELL',
  description: 'Output shell completion code for bash, zsh or fish.\n\n  source <(crictl completion bash)\n  source <(crictl completion zsh)\n  crictl completion fish | source',
  run: async (session, words) => {
    const [shell = 'bash', ...more] = words;
    const script = Object.hasOwn(completionScripts, shell) ? completionScripts[shell] : undefined;
    if (script === undefined || more.length > 0) throw new CommandError('only bash, zsh or fish are supported');
    session.out(script('crictl'));
  },
};
