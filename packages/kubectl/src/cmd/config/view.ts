import type { Factory } from '../../factory.ts';
import { outputFlags } from '../../flags.ts';
import { minify, viewKubeconfig } from '../../kubeconfig/kubeconfig-view.ts';
import { createFormatter } from '../../printers/formatter.ts';
import type { ResultOptions } from '../../printers/result-printer.ts';
import type { Verb } from '../../verb.ts';
import { exactly, openFiles } from './command.ts';

interface ConfigViewOptions extends ResultOptions {
  minify?: boolean;
  raw?: boolean;
  flatten?: boolean;
}

async function view(factory: Factory, words: string[], options: ConfigViewOptions): Promise<number> {
  exactly(0, words, 'view');
  const all = (await openFiles(factory)).merged();
  const currentContext = factory.options.context ?? all.currentContext;
  const merged = options.minify === true ? minify(all, currentContext) : { ...all, currentContext };
  const shown = await viewKubeconfig(merged, { raw: options.raw === true, flatten: options.flatten === true });
  const format = await createFormatter({ ...options, output: options.output ?? 'yaml' });
  factory.io.out(await format(shown));
  return 0;
}

export const verb: Verb<ConfigViewOptions> = {
  flags: (command) => {
    outputFlags(command);
    command
      .option('--minify', 'only what the current context needs')
      .option('--raw', 'secrets too')
      .option('--flatten', "files' contents in place of their paths");
  },
  run: view,
};
