import { CommandError } from '../../errors.ts';
import { generatorVerb } from './generator.ts';
import type { GeneratorOptions } from './generator.ts';

interface BudgetOptions extends GeneratorOptions {
  minAvailable?: string;
  maxUnavailable?: string;
  selector?: string;
}

function amount(flag: string, text: string): number | string {
  if (!/^\d+%?$/.test(text)) throw new CommandError(`invalid format specified for ${flag}`);
  return text.endsWith('%') ? text : Number(text);
}

function limits({ minAvailable, maxUnavailable }: BudgetOptions): object {
  if (minAvailable !== undefined && maxUnavailable !== undefined) throw new CommandError('min-available and max-unavailable cannot be both specified');
  if (minAvailable !== undefined) return { minAvailable: amount('min-available', minAvailable) };
  if (maxUnavailable === undefined) throw new CommandError('one of min-available or max-unavailable must be specified');
  return { maxUnavailable: amount('max-unavailable', maxUnavailable) };
}

/** `a=b,c==d` */
function matchLabels(selector: string): Record<string, string> {
  const pairs = selector.split(',').map((part) => /^\s*([^=!\s]+)\s*==?\s*([^=\s]*)\s*$/.exec(part));
  if (pairs.includes(null)) throw new CommandError(`couldn't parse the selector string "${selector}": only equality-based requirements (key=value) are taken`);
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}

export const verb = generatorVerb<BudgetOptions>({
  name: 'create poddisruptionbudget',
  failure: 'failed to create poddisruptionbudgets:',
  usage: 'NAME --selector=SELECTOR (--min-available=N | --max-unavailable=N) [flags]',
  flags: (command) => {
    command
      .option('--min-available <amount>', 'pods that stay: a number or a percentage')
      .option('--max-unavailable <amount>', 'pods that may be missing: a number or a percentage')
      .option('--selector <selector>', 'the labels of the pods');
  },
  make: (name, options) => {
    if ((options.selector ?? '') === '') throw new CommandError('a selector must be specified');
    const spec = { ...limits(options), selector: { matchLabels: matchLabels(options.selector ?? '') } };
    return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec, status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 } };
  },
});
