import { CommandError } from '../../errors.ts';
import { generatorVerb } from './generator.ts';
import type { GeneratorOptions } from './generator.ts';

interface PriorityClassOptions extends GeneratorOptions {
  value: string;
  globalDefault?: boolean;
  description?: string;
  preemptionPolicy: string;
}

export const verb = generatorVerb<PriorityClassOptions>({
  name: 'create priorityclass',
  failure: 'failed to create priorityclass:',
  usage: 'NAME --value=VALUE [--global-default] [flags]',
  flags: (command) => {
    command
      .option('--value <number>', 'the priority', '0')
      .option('--global-default', 'for pods that name no class')
      .option('--description <text>', 'what the class is for')
      .option('--preemption-policy <policy>', 'PreemptLowerPriority or Never', 'PreemptLowerPriority');
  },
  make: (name, { value, globalDefault = false, description = '', preemptionPolicy }) => {
    if (!/^-?\d+$/.test(value)) throw new CommandError(`invalid argument "${value}" for "--value" flag: not a whole number`);
    return {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value: Number(value),
      preemptionPolicy,
      ...(globalDefault ? { globalDefault } : {}),
      ...(description === '' ? {} : { description }),
    };
  },
});
