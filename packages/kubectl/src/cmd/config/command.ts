import { CommandError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { KubeconfigFiles } from '../../kubeconfig/kubeconfig-files.ts';

export const openFiles = ({ options, io }: Factory): Promise<KubeconfigFiles> => KubeconfigFiles.open(options.kubeconfig, io.env);

/** The words, which must be as many as `usage` says. */
export function exactly(count: number, words: readonly string[], usage: string): string[] {
  if (words.length === count) return [...words];
  throw new CommandError(`Unexpected args: [${words.join(' ')}]\nSee 'kubectl config ${usage.split(' ')[0]} -h' for help and examples: kubectl config ${usage}`);
}
