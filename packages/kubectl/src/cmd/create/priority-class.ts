import { numberOption } from '../../flags.ts';
import { generatorVerb } from './generator.ts';
import type { GeneratorOptions } from './generator.ts';

interface PriorityClassOptions extends GeneratorOptions {
  value: number;
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
      .addOption(numberOption('--value <number>', 'the priority').default(0))
      .option('--global-default', 'for pods that name no class')
      .option('--description <text>', 'what the class is for')
      .option('--preemption-policy <policy>', 'PreemptLowerPriority or Never', 'PreemptLowerPriority');
  },
  make: (name, { value, globalDefault = false, description = '', preemptionPolicy }) => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    preemptionPolicy,
    ...(globalDefault ? { globalDefault } : {}),
    ...(description === '' ? {} : { description }),
  }),
});
