import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import type { Verb } from '../verb.ts';

/** Prints what a shell reads to complete our command lines: `source <(kubectl completion bash)`. */
export async function completion(factory: Factory, words: string[]): Promise<number> {
  const { completionScripts } = await import('@podling/shared/completion');
  const [shell, ...rest] = words;
  const help = "See 'kubectl completion -h' for help and examples";
  if (shell === undefined) throw new CommandError(`Shell not specified.\n${help}`);
  if (rest.length > 0) throw new CommandError(`Too many arguments. Expected only the shell type.\n${help}`);
  const script = Object.hasOwn(completionScripts, shell) ? completionScripts[shell] : undefined;
  if (script === undefined) throw new CommandError(`Unsupported shell type ${JSON.stringify(shell)}: there are ${Object.keys(completionScripts).join(', ')}.\n${help}`);
  factory.io.out(script('kubectl'));
  return 0;
}

export const verb: Verb = { usage: 'SHELL', run: completion };
